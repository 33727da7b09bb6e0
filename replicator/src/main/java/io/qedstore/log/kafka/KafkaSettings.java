package io.qedstore.log.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * How a node uses Kafka.
 *
 * @param node its name, by which Kafka's own logs call its clients
 * @param connection where the brokers are and how to get in there, by Kafka's names: {@code bootstrap.servers},
 *     {@code client.dns.lookup}, and what begins with {@code security.}, {@code sasl.} or {@code ssl.}; nothing else, for
 *     order and durability hang on the rest
 * @param adminTimeout after which a question to the brokers fails that got no answer
 */
public record KafkaSettings(
        String node,
        Map<String, String> connection,
        ProducerSettings producers,
        ReaderSettings readers,
        Duration adminTimeout) {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> CONNECTION =
            List.of("bootstrap.servers", "client.dns.lookup", "security.", "sasl.", "ssl.");

    public KafkaSettings {
        connection = Map.copyOf(connection);
        if (!connection.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException(
                    "no bootstrap.servers among the Kafka settings; name one broker at least");
        }
        for (String key : connection.keySet()) {
            if (!canBeSet(key)) {
                throw new IllegalArgumentException(
                        "the Kafka setting " + key + " cannot be set; one can set what begins with " + CONNECTION);
            }
        }
        if (adminTimeout.toMillis() < 1 || adminTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an admin timeout of " + adminTimeout + "; from 1 ms to 24 days");
        }
    }

    public static KafkaSettings of(String node, String bootstrapServers) {
        return of(node, Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    public static KafkaSettings of(String node, Map<String, String> connection) {
        return new KafkaSettings(
                node, connection, ProducerSettings.standard(), ReaderSettings.standard(), ADMIN_TIMEOUT);
    }

    /** Whether the connection may hold this; also what Kafka itself does not know, since its plug-ins have settings too. */
    public static boolean canBeSet(String key) {
        return CONNECTION.stream().anyMatch(key::startsWith);
    }

    /** What of the connection Kafka itself knows. */
    public static Set<String> known() {
        return AdminClientConfig.configNames().stream()
                .filter(KafkaSettings::canBeSet)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    public KafkaSettings with(ProducerSettings other) {
        return new KafkaSettings(node, connection, other, readers, adminTimeout);
    }

    public KafkaSettings with(ReaderSettings other) {
        return new KafkaSettings(node, connection, producers, other, adminTimeout);
    }

    public KafkaSettings withAdminTimeout(Duration timeout) {
        return new KafkaSettings(node, connection, producers, readers, timeout);
    }

    /** Without the connection's values: passwords are among them. */
    @Override
    public String toString() {
        return "KafkaSettings[node=" + node + ", connection=" + new TreeSet<>(connection.keySet()) + ", producers="
                + producers + ", readers=" + readers + ", adminTimeout=" + adminTimeout + "]";
    }
}
