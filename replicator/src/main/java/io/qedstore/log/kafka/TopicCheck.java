package io.qedstore.log.kafka;

import static io.qedstore.log.kafka.Finding.Severity.REFUSE;
import static io.qedstore.log.kafka.Finding.Severity.WARN;

import io.qedstore.log.kafka.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/**
 * Finds the settings of a log's topic that could lose records or hold them up.
 *
 * <p>One topic, one use.
 */
final class TopicCheck {
    private final String topic;
    private final LogSettings asked;
    private final Map<String, String> configs;
    private final List<Finding> findings = new ArrayList<>();

    /** @param configs all of the topic's settings as they act, defaults and all */
    TopicCheck(LogName name, LogSettings asked, Map<String, String> configs) {
        this.topic = "topic " + name;
        this.asked = asked;
        this.configs = configs;
    }

    /** @param replicas the number of each partition's replicas */
    List<Finding> findings(List<Integer> replicas) {
        checkConfigs();
        if (replicas.size() != 1) {
            String found = Integer.toString(replicas.size());
            add(REFUSE, "partitions", found, "1", "events have no order", "give the image another log");
        }
        int fewest = replicas.stream().mapToInt(Integer::intValue).min().orElse(0);
        checkReplicas(fewest);
        return findings;
    }

    private void checkConfigs() {
        must(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfigs.DELETE, "compaction takes events out of the log");
        must(TopicConfig.RETENTION_MS_CONFIG, TopicConfigs.FOR_EVER, "Kafka deletes events when they are old");
        must(TopicConfig.RETENTION_BYTES_CONFIG, TopicConfigs.FOR_EVER, "Kafka deletes events when there are many");
        must(
                TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
                "false",
                "a broker that lacks acknowledged events may become the leader, and they are gone");
        must(
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                TopicConfigs.LOG_APPEND_TIME,
                "a sender with a slow clock is not protected against duplicates");
        int largest = number(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        if (largest < LogSettings.MAX_MESSAGE_BYTES) {
            add(
                    REFUSE,
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(largest),
                    LogSettings.MAX_MESSAGE_BYTES + " or more",
                    "large events are refused and the image stands still",
                    set(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(LogSettings.MAX_MESSAGE_BYTES)));
        }
        if (!value(TopicConfig.COMPRESSION_TYPE_CONFIG).equals(TopicConfigs.AS_SENT)) {
            note(TopicConfig.COMPRESSION_TYPE_CONFIG, TopicConfigs.AS_SENT, "the broker packs each event anew");
        }
        checkFlush();
    }

    private void checkFlush() {
        boolean each = value(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG).equals(TopicConfigs.EACH);
        if (asked.durability() == LogDurability.FSYNC && !each) {
            must(
                    TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG,
                    TopicConfigs.EACH,
                    "acknowledged events are not on the disk, and durability fsync was asked for");
        }
        if (asked.durability() != LogDurability.FSYNC && each) {
            note(
                    TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG,
                    "more than 1",
                    "each event waits for the disk, and durability fsync was not asked for");
        }
    }

    private void checkReplicas(int replicas) {
        if (replicas < asked.replicationFactor()) {
            add(
                    REFUSE,
                    "replication factor",
                    Integer.toString(replicas),
                    Integer.toString(asked.replicationFactor()),
                    "fewer brokers have the events than was asked for",
                    "add replicas with kafka-reassign-partitions, or ask for fewer");
        }
        String name = TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;
        int min = number(name);
        String found = Integer.toString(min);
        String expected = Integer.toString(asked.minInsyncReplicas());
        if (min < asked.minInsyncReplicas()) {
            add(REFUSE, name, found, expected, "too few brokers have an acknowledged event", set(name, expected));
        } else if (min > replicas) {
            String costs = "Kafka does not say so, but it waits for " + replicas + " only";
            add(REFUSE, name, found, expected, costs, set(name, expected));
        } else if (min > asked.minInsyncReplicas()) {
            add(WARN, name, found, expected, "the log stands still when fewer are in sync", set(name, expected));
        }
    }

    private void must(String name, String expected, String costs) {
        String found = value(name);
        if (!found.equals(expected)) {
            add(REFUSE, name, found, expected, costs, set(name, expected));
        }
    }

    private void note(String name, String expected, String costs) {
        add(WARN, name, value(name), expected, costs, set(name, expected));
    }

    private void add(Severity severity, String name, String found, String expected, String costs, String remedy) {
        findings.add(new Finding(severity, topic, name, found, expected, costs, remedy));
    }

    private static String set(String name, String expected) {
        return "set " + name + " to " + expected + " with kafka-configs";
    }

    private String value(String name) {
        return configs.getOrDefault(name, "not known");
    }

    private int number(String name) {
        try {
            return Integer.parseInt(value(name));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
