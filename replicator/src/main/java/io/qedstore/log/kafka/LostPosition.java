package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import io.qedstore.log.kafka.TopicWatch.Extent;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What it means that a position is not in its log. */
final class LostPosition {
    private LostPosition() {}

    /** @param extent what the brokers say of the log now; null if they did not answer */
    static LogException of(
            Read read,
            OffsetOutOfRangeException error,
            TopicPartition partition,
            @Nullable Extent extent,
            @Nullable Throwable failure) {
        if (extent == null) {
            return KafkaErrors.of(read.what(), failure == null ? error : failure);
        }
        if (!extent.topicId().equals(read.topicId())) {
            return TopicSight.recreated(read.what(), read.topicId(), extent.topicId());
        }
        long offset = read.position().nextOffset();
        String attempted = "cannot " + read.what() + ": ";
        if (error instanceof LogTruncationException truncation) {
            return new LogException.Truncated(attempted + diverged(read, truncation, partition), error);
        }
        if (offset < extent.start()) {
            return new LogException.Gap(attempted + "the log begins at offset " + extent.start() + ", expected "
                    + offset + ": what lies between was deleted");
        }
        if (offset > extent.end()) {
            return new LogException.Truncated(
                    attempted + "the log ends at offset " + extent.end() + ", expected " + offset
                            + " at least: it has lost records",
                    error);
        }
        return new LogException.Unavailable(
                attempted + "the broker said that it is not in the log, which reaches from " + extent.start() + " to "
                        + extent.end(),
                error);
    }

    private static String diverged(Read read, LogTruncationException truncation, TopicPartition partition) {
        OffsetAndMetadata divergent = truncation.divergentOffsets().get(partition);
        String where = divergent == null ? "at an offset that it does not name" : "at offset " + divergent.offset();
        return "the log has another history from there on, which left the one of leader epoch "
                + read.position().leaderEpoch() + " " + where + ": it has lost records";
    }
}
