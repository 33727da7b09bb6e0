package io.qedstore.config;

import io.qedstore.log.kafka.LogDurability;
import io.qedstore.log.kafka.LogSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * How logs of new images are kept; what is empty is chosen by the number of brokers.
 *
 * @param timeout how long a request may wait for Kafka; empty for ever
 */
public record LogConfig(
        Optional<Integer> replicationFactor,
        Optional<Integer> minInsyncReplicas,
        Optional<LogDurability> durability,
        Optional<Duration> timeout) {
    private static final int REPLICATION_FACTOR = 3;

    static LogConfig of(ConfigValues values) {
        return new LogConfig(
                values.get(NodeKeys.LOG_REPLICATION_FACTOR),
                values.get(NodeKeys.LOG_MIN_INSYNC_REPLICAS),
                values.get(NodeKeys.LOG_DURABILITY),
                Optional.of(values.get(NodeKeys.LOG_TIMEOUT)).filter(timeout -> !timeout.isZero()));
    }

    /**
     * What a log is created with. Where two brokers or more must have a change and it is not said otherwise, that makes it
     * durable; where one is enough, only its disk does.
     *
     * @param brokers how many the cluster has
     * @throws IllegalArgumentException if what was set cannot be had on so few; the message says what
     */
    public LogSettings settings(int brokers) {
        int factor = replicationFactor.orElse(Math.min(REPLICATION_FACTOR, brokers));
        boolean replicated = durability.equals(Optional.of(LogDurability.REPLICATED));
        int inSync = minInsyncReplicas.orElse(Math.max(replicated ? 2 : 1, factor - 1));
        return new LogSettings(
                factor, inSync, durability.orElse(inSync > 1 ? LogDurability.REPLICATED : LogDurability.FSYNC));
    }
}
