package io.qedstore.node;

import io.qedstore.log.EventLog;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.retention.TrimmedLog;
import java.io.IOException;

/** The log of an image in Kafka, of which the beginning is deleted. */
record KafkaTrimmedLog(KafkaEventLog topic) implements TrimmedLog {
    @Override
    public EventLog log() {
        return topic;
    }

    @Override
    public long startOffset() throws IOException {
        return topic.range().startOffset();
    }

    @Override
    public void deleteBefore(long offset) throws IOException {
        topic.deleteBefore(offset);
    }
}
