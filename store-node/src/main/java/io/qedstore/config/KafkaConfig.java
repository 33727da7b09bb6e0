package io.qedstore.config;

import java.util.Map;
import java.util.TreeSet;

/**
 * How Kafka is reached.
 *
 * @param connection what Kafka's clients are given, by Kafka's names
 */
public record KafkaConfig(Map<String, String> connection) {
    public KafkaConfig {
        connection = Map.copyOf(connection);
    }

    /** Without values: passwords are among them. */
    @Override
    public String toString() {
        return "KafkaConfig[connection=" + new TreeSet<>(connection.keySet()) + "]";
    }
}
