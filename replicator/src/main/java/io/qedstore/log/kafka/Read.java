package io.qedstore.log.kafka;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.EventLog.ReadCallback;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read that has no answer yet.
 *
 * @param topicId the topic that the reader means
 */
record Read(LogName name, TopicId topicId, LogPosition position, long askedNanos, AtEnd atEnd, ReadCallback callback) {
    private static final Logger LOG = LoggerFactory.getLogger(Read.class);

    void answer(LogBatch batch) {
        try {
            callback.read(batch);
        } catch (RuntimeException | Error e) {
            thrown(e);
        }
    }

    void fail(LogException cause) {
        try {
            callback.failed(cause);
        } catch (RuntimeException | Error e) {
            thrown(e);
        }
    }

    private void thrown(Throwable e) {
        LOG.error("a callback of a read of {} has thrown", name, e);
    }

    String what() {
        return "read " + name + " from offset " + position.nextOffset();
    }
}
