package io.qedstore.kafka;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The properties of one broker. They differ from Kafka's defaults in three ways: it is small (many brokers and tests share
 * a machine), it is honest (no topic by accident, no leader that lost records), and it is seen by this machine alone.
 */
final class BrokerProperties {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String MEBIBYTE = Integer.toString(1 << 20);
    private static final String TWO_MEBIBYTES = Integer.toString(2 << 20);

    private BrokerProperties() {}

    /** By Kafka's names. */
    static Map<String, String> of(
            EmbeddedKafkaSettings settings, Map<Integer, BrokerPorts> ports, int node, Path data) {
        Map<String, String> properties = new TreeMap<>();
        BrokerPorts own = BrokerPorts.of(ports, node);
        properties.put("node.id", Integer.toString(node));
        properties.put("process.roles", "broker,controller");
        properties.put(
                "listeners",
                "BROKER://" + LOOPBACK + ":" + own.broker() + ",CONTROLLER://" + LOOPBACK + ":" + own.controller());
        properties.put("advertised.listeners", "BROKER://" + LOOPBACK + ":" + own.broker());
        properties.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("inter.broker.listener.name", "BROKER");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put(
                "controller.quorum.voters",
                ports.entrySet().stream()
                        .map(entry -> entry.getKey() + "@" + LOOPBACK + ":"
                                + entry.getValue().controller())
                        .collect(Collectors.joining(",")));
        properties.put("log.dirs", data.toString());
        String sessionMs = Long.toString(settings.sessionTimeout().toMillis());
        properties.put("broker.session.timeout.ms", sessionMs);
        String heartbeatMs = Long.toString(settings.heartbeat().toMillis());
        properties.put("broker.heartbeat.interval.ms", heartbeatMs);
        // A paused broker keeps its connections and answers nothing: the others would hang on it for half a minute.
        properties.put("controller.socket.timeout.ms", sessionMs);
        properties.put("replica.socket.timeout.ms", sessionMs);
        replication(settings, properties);
        size(properties);
        properties.putAll(settings.overrides());
        return properties;
    }

    private static void replication(EmbeddedKafkaSettings settings, Map<String, String> properties) {
        String copies = Integer.toString(settings.brokers());
        String inSync = Integer.toString(settings.minInsyncReplicas());
        properties.put("auto.create.topics.enable", "false");
        properties.put("unclean.leader.election.enable", "false");
        properties.put("default.replication.factor", copies);
        properties.put("min.insync.replicas", inSync);
        properties.put("num.partitions", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", copies);
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", copies);
        properties.put("transaction.state.log.min.isr", inSync);
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", copies);
        properties.put("share.coordinator.state.topic.min.isr", inSync);
    }

    private static void size(Map<String, String> properties) {
        properties.put("message.max.bytes", TWO_MEBIBYTES);
        properties.put("replica.fetch.max.bytes", TWO_MEBIBYTES);
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        // An index is mapped at its full size: 10 MiB twice for each partition otherwise.
        properties.put("log.index.size.max.bytes", MEBIBYTE);
        // Kafka's default takes 128 MiB of the heap.
        properties.put("log.cleaner.dedupe.buffer.size", TWO_MEBIBYTES);
    }
}
