package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import io.qedstore.log.kafka.TopicWatch.Extent;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What it means that a position is not in its log. */
final class LostPosition {
    private LostPosition() {}

    /**
     * Goes by where the log begins and ends.
     *
     * @param extent what the brokers say of the log now; null if they did not answer
     * @param failure why they did not, or what made us ask
     */
    static LogException of(Read read, @Nullable Extent extent, @Nullable Throwable failure) {
        String attempted = "cannot " + read.what() + ": ";
        if (extent == null) {
            return failure == null
                    ? new LogException.Unavailable(attempted + "no broker answers")
                    : KafkaErrors.of(read.what(), failure);
        }
        if (!extent.topicId().equals(read.topicId())) {
            return recreated(read, extent);
        }
        long offset = read.position().nextOffset();
        if (offset < extent.start()) {
            return new LogException.Gap(attempted + "the log begins at offset " + extent.start() + ", expected "
                    + offset + ": what lies between was deleted");
        }
        if (offset > extent.end()) {
            return new LogException.Truncated(attempted + "the log ends at offset " + extent.end() + ", expected "
                    + offset + " at least: it has lost records");
        }
        return new LogException.Unavailable(attempted + "the broker said that it is not in the log, which reaches from "
                + extent.start() + " to " + extent.end());
    }

    /** Whether the log as it is now cannot have the read's position. */
    static boolean isLost(Read read, Extent extent) {
        long offset = read.position().nextOffset();
        return !extent.topicId().equals(read.topicId()) || offset < extent.start() || offset > extent.end();
    }

    /** Goes by the leader epoch, which the log has left before the position. */
    static LogException diverged(Read read, LogTruncationException error, TopicPartition partition, Extent extent) {
        if (!extent.topicId().equals(read.topicId())) {
            return recreated(read, extent);
        }
        OffsetAndMetadata divergent = error.divergentOffsets().get(partition);
        String where = divergent == null ? "at an offset that it does not name" : "at offset " + divergent.offset();
        String epoch = read.position().leaderEpoch().isPresent()
                ? "leader epoch " + read.position().leaderEpoch().getAsInt()
                : "the leader epoch before";
        return new LogException.Truncated(
                "cannot " + read.what() + ": the log has lost records: it left " + epoch + " " + where
                        + " and has another history from there on",
                error);
    }

    private static LogException recreated(Read read, Extent extent) {
        return TopicSight.recreated(read.what(), read.topicId(), extent.topicId());
    }
}
