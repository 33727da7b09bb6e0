package io.qedstore.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an {@link EmbeddedKafka} shall be.
 *
 * @param folder everything of it is in here, and nothing else; it is made if it is missing
 * @param brokers 1 or 3; a folder keeps the number that it was first started with
 * @param minInsyncReplicas what a topic gets that does not say it itself
 * @param heapMebibytes of each broker
 * @param sessionTimeout after how long without a heartbeat the others count a broker as dead
 * @param heartbeat how often a broker says that it lives
 * @param startDeadline how long a start may take until all brokers are ready
 * @param stopDeadline how long a broker may take to stop in order, before it is killed
 * @param overrides broker properties that win over all others, by Kafka's names
 */
public record EmbeddedKafkaSettings(
        Path folder,
        int brokers,
        int minInsyncReplicas,
        int heapMebibytes,
        Duration sessionTimeout,
        Duration heartbeat,
        Duration startDeadline,
        Duration stopDeadline,
        Map<String, String> overrides) {
    private static final int HEAP_MEBIBYTES = 256;
    private static final int SMALLEST_HEAP_MEBIBYTES = 64;
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration HEARTBEAT = Duration.ofMillis(500);
    private static final Duration START_DEADLINE = Duration.ofMinutes(2);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

    public EmbeddedKafkaSettings {
        folder = folder.toAbsolutePath().normalize();
        if (folder.toString().indexOf(',') >= 0) {
            throw new IllegalArgumentException("the Kafka folder " + folder
                    + " has a comma in its path, which Kafka takes" + " for the end of a folder; choose another");
        }
        if (brokers != 1 && brokers != 3) {
            throw new IllegalArgumentException("an embedded Kafka of " + brokers + " brokers; 1 or 3 are possible");
        }
        // Kafka itself takes more without a word, and keeps fewer copies than were asked for.
        if (minInsyncReplicas < 1 || minInsyncReplicas > brokers) {
            throw new IllegalArgumentException(
                    "min.insync.replicas of " + minInsyncReplicas + "; from 1 to " + brokers + ", one for each broker");
        }
        if (heapMebibytes < SMALLEST_HEAP_MEBIBYTES) {
            throw new IllegalArgumentException(
                    "a heap of " + heapMebibytes + " MiB; a broker needs " + SMALLEST_HEAP_MEBIBYTES + " at least");
        }
        if (heartbeat.isNegative()
                || heartbeat.isZero()
                || heartbeat.multipliedBy(2).compareTo(sessionTimeout) > 0) {
            throw new IllegalArgumentException("a heartbeat every " + heartbeat.toMillis()
                    + " ms with a session timeout of " + sessionTimeout.toMillis()
                    + " ms; twice in each timeout at least, so that one may be late");
        }
        checkPositive("start", startDeadline);
        checkPositive("stop", stopDeadline);
        overrides = Map.copyOf(overrides);
    }

    private static void checkPositive(String what, Duration deadline) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("a " + what + " deadline of " + deadline + "; more than 0 is needed");
        }
    }

    /** One broker. After SIGKILL it starts again only once its old session has timed out. */
    public static EmbeddedKafkaSettings one(Path folder) {
        return usual(folder, 1, 1);
    }

    /** Three brokers, two of which must have a record. */
    public static EmbeddedKafkaSettings three(Path folder) {
        return usual(folder, 3, 2);
    }

    private static EmbeddedKafkaSettings usual(Path folder, int brokers, int minInsyncReplicas) {
        return new EmbeddedKafkaSettings(
                folder,
                brokers,
                minInsyncReplicas,
                HEAP_MEBIBYTES,
                SESSION_TIMEOUT,
                HEARTBEAT,
                START_DEADLINE,
                STOP_DEADLINE,
                Map.of());
    }

    /** The same with another min.insync.replicas. */
    public EmbeddedKafkaSettings withMinInsyncReplicas(int replicas) {
        return new EmbeddedKafkaSettings(
                folder,
                brokers,
                replicas,
                heapMebibytes,
                sessionTimeout,
                heartbeat,
                startDeadline,
                stopDeadline,
                overrides);
    }

    /** The same with another heap for each broker. */
    public EmbeddedKafkaSettings withHeapMebibytes(int mebibytes) {
        return new EmbeddedKafkaSettings(
                folder,
                brokers,
                minInsyncReplicas,
                mebibytes,
                sessionTimeout,
                heartbeat,
                startDeadline,
                stopDeadline,
                overrides);
    }

    /** The same with another patience with silent brokers. */
    public EmbeddedKafkaSettings withSession(Duration timeout, Duration beat) {
        return new EmbeddedKafkaSettings(
                folder,
                brokers,
                minInsyncReplicas,
                heapMebibytes,
                timeout,
                beat,
                startDeadline,
                stopDeadline,
                overrides);
    }

    /** The same with one more property of Kafka's. */
    public EmbeddedKafkaSettings with(String property, String value) {
        Map<String, String> more = new TreeMap<>(overrides);
        more.put(property, value);
        return new EmbeddedKafkaSettings(
                folder,
                brokers,
                minInsyncReplicas,
                heapMebibytes,
                sessionTimeout,
                heartbeat,
                startDeadline,
                stopDeadline,
                more);
    }
}
