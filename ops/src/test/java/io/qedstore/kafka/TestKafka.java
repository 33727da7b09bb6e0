package io.qedstore.kafka;

import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The broker of all tests that need one and do it no harm; started by the first of them, stopped at the end of the JVM.
 *
 * <p>The system property {@code qedstore.kafka} says what it is: {@code process}, the default, or {@code testcontainers},
 * a container of the image that {@code ops/docker-engine.sh} makes. Its settings are those of {@link EmbeddedKafka} both
 * times. Tests share it, so each takes topics of its own: {@link #newTopicName}.
 */
public final class TestKafka {
    private static final Kind KIND =
            Kind.valueOf(System.getProperty("qedstore.kafka", "process").toUpperCase(Locale.ROOT));

    private static @Nullable String shared;
    private static int topics;

    private TestKafka() {}

    /** What the shared broker runs as. */
    private enum Kind {
        PROCESS,
        TESTCONTAINERS
    }

    /** Where clients find the shared broker; starts it if nobody has. */
    public static synchronized String bootstrapServers() throws IOException, InterruptedException {
        String servers = shared;
        if (servers == null) {
            servers = switch (KIND) {
                case PROCESS -> process();
                case TESTCONTAINERS -> KafkaContainer.startUntilExit();
            };
            shared = servers;
        }
        return servers;
    }

    /** A name that no other test of this JVM got. */
    public static synchronized String newTopicName() {
        topics++;
        return "test-" + topics;
    }

    /** Three brokers of the caller's own, to be killed and paused; processes always. The caller closes them. */
    public static EmbeddedKafka threeBrokers(Path folder) throws IOException, InterruptedException {
        return EmbeddedKafka.start(EmbeddedKafkaSettings.three(folder));
    }

    private static String process() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("qedstore-kafka");
        EmbeddedKafka kafka;
        try {
            kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder));
        } catch (IOException e) {
            DurableFile.removeAll(folder);
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(kafka, folder), "stop-kafka"));
        return kafka.bootstrapServers();
    }

    private static void end(EmbeddedKafka kafka, Path folder) {
        try {
            kafka.close();
            DurableFile.removeAll(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
