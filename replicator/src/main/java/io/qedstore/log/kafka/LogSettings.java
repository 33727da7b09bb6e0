package io.qedstore.log.kafka;

/**
 * How a log is kept.
 *
 * @param replicationFactor on how many brokers
 * @param minInsyncReplicas how many of them must have a record before it is acknowledged; with fewer the log stands still
 * @param segmentBytes how large the log's files become; space is given back by whole files
 */
public record LogSettings(int replicationFactor, int minInsyncReplicas, LogDurability durability, int segmentBytes) {
    /** The largest record, with all that Kafka adds to it. */
    public static final int MAX_MESSAGE_BYTES = 2 << 20;
    /** The largest record, without. */
    public static final int MAX_RECORD_BYTES = MAX_MESSAGE_BYTES - (4 << 10);

    private static final int SEGMENT_BYTES = 256 << 20;

    public LogSettings {
        if (replicationFactor < 1 || replicationFactor > Short.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a replication factor of " + replicationFactor + "; 1 or more is needed");
        }
        // Kafka takes more without a word, and waits for fewer.
        if (minInsyncReplicas < 1 || minInsyncReplicas > replicationFactor) {
            throw new IllegalArgumentException("min.insync.replicas of " + minInsyncReplicas
                    + "; from 1 to the replication factor, which is " + replicationFactor);
        }
        if (durability == LogDurability.REPLICATED && minInsyncReplicas < 2) {
            throw new IllegalArgumentException("min.insync.replicas of " + minInsyncReplicas
                    + " with the durability replicated; 2 at least, or else one broker may be all that has a record");
        }
        if (segmentBytes < 2 * MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("segments of " + segmentBytes + " bytes; " + 2 * MAX_MESSAGE_BYTES
                    + " at least, twice the largest record");
        }
    }

    public LogSettings(int replicationFactor, int minInsyncReplicas, LogDurability durability) {
        this(replicationFactor, minInsyncReplicas, durability, SEGMENT_BYTES);
    }

    /** For a cluster of one broker: what is acknowledged is on its disk. */
    public static LogSettings ofOneBroker() {
        return new LogSettings(1, 1, LogDurability.FSYNC);
    }

    /** For three brokers or more: any one may fail, and nothing is lost and nothing stands still. */
    public static LogSettings ofThreeBrokers() {
        return new LogSettings(3, 2, LogDurability.REPLICATED);
    }
}
