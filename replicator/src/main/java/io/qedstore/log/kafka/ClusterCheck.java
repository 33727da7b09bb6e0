package io.qedstore.log.kafka;

import static io.qedstore.log.kafka.Finding.Severity.REFUSE;
import static io.qedstore.log.kafka.Finding.Severity.WARN;

import io.qedstore.log.kafka.Finding.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds the settings of brokers that may harm logs. What a topic says itself is not looked at here: see {@link TopicCheck}.
 *
 * <p>One cluster, one use.
 */
final class ClusterCheck {
    private static final long PRODUCER_EXPIRATION_MS = Duration.ofHours(1).toMillis();
    private static final long REQUEST_BYTES = 2L * LogSettings.MAX_MESSAGE_BYTES;

    private final Map<String, Map<String, String>> brokers;
    private final List<Finding> findings = new ArrayList<>();

    /** @param brokers all settings of each broker, as they act */
    ClusterCheck(Map<String, Map<String, String>> brokers) {
        this.brokers = brokers;
    }

    List<Finding> findings(LogSettings asked) {
        if (brokers.size() < asked.replicationFactor()) {
            add(
                    REFUSE,
                    "the cluster",
                    "number of brokers",
                    Integer.toString(brokers.size()),
                    asked.replicationFactor() + " or more",
                    "logs with a replication factor of " + asked.replicationFactor() + " cannot be made",
                    "start more brokers, or ask for fewer replicas");
        }
        brokers.forEach((id, configs) -> check("broker " + id, configs));
        return findings;
    }

    private void check(String broker, Map<String, String> configs) {
        least(
                REFUSE,
                broker,
                configs,
                "socket.request.max.bytes",
                REQUEST_BYTES,
                "large events are refused and images stand still");
        least(
                WARN,
                broker,
                configs,
                "producer.id.expiration.ms",
                PRODUCER_EXPIRATION_MS,
                "after a pause, events may be written twice or in another order when a leader changes; owners notice it"
                        + " and recover");
        should(
                broker,
                configs,
                "auto.create.topics.enable",
                "false",
                "a deleted log comes back, empty and with other settings, when somebody only asks for it");
        should(broker, configs, "delete.topic.enable", "true", "logs of deleted images stay for ever");
        should(
                broker,
                configs,
                "unclean.leader.election.enable",
                "false",
                "topics that do not say otherwise lose acknowledged records; qedstore's say otherwise");
    }

    private void least(
            Severity severity, String broker, Map<String, String> configs, String name, long least, String costs) {
        String found = configs.getOrDefault(name, "not known");
        if (number(found) < least) {
            String remedy = "set " + name + " to " + least + " or more in the broker's settings";
            add(severity, broker, name, found, least + " or more", costs, remedy);
        }
    }

    private void should(String broker, Map<String, String> configs, String name, String expected, String costs) {
        String found = configs.getOrDefault(name, "not known");
        if (!found.equals(expected)) {
            add(
                    WARN,
                    broker,
                    name,
                    found,
                    expected,
                    costs,
                    "set " + name + "=" + expected + " in the broker's settings");
        }
    }

    private static long number(String found) {
        try {
            return Long.parseLong(found);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private void add(
            Severity severity, String where, String name, String found, String expected, String costs, String remedy) {
        findings.add(new Finding(severity, where, name, found, expected, costs, remedy));
    }
}
