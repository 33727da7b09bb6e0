package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.TestKafka;
import io.qedstore.log.LogException;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Owners and followers on three brokers, of which any may die or stand still: nothing that was acknowledged is lost, doubled or
 * moved, and what cannot be is said by name.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once") // on one JDK
class OwnersOnThreeBrokersIT {
    private static final int DEPTH = 16;

    private final EmbeddedKafka kafka;
    private LogName name = Kafka.newName();

    OwnersOnThreeBrokersIT(@TempDir Path folder) throws IOException, InterruptedException {
        kafka = TestKafka.threeBrokers(folder);
    }

    @AfterAll
    void stop() throws IOException {
        kafka.close();
    }

    private KafkaLogs connect(Duration deliveryTimeout) throws LogException {
        KafkaSettings settings = KafkaSettings.of("node", kafka.bootstrapServers());
        return KafkaLogs.connect(settings.with(settings.producers().withDeliveryTimeout(deliveryTimeout)));
    }

    private KafkaEventLog newLog(KafkaLogs logs) throws LogException {
        name = Kafka.newName();
        logs.create(name, LogSettings.ofThreeBrokers());
        return logs.open(name, LogSettings.ofThreeBrokers());
    }

    /** On a log of its own. */
    private OwnerRig newRig(KafkaLogs logs) throws IOException {
        KafkaEventLog log = newLog(logs);
        return new OwnerRig(log, name);
    }

    private int leader() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicDescription topic = admin.describeTopics(List.of(name.topic()))
                    .allTopicNames()
                    .get()
                    .get(name.topic());
            return Objects.requireNonNull(topic).partitions().get(0).leader().id();
        }
    }

    /** Writes numbers, a few at a time, until it was acknowledged so many. */
    private static long writeUntil(OwnerRig rig, long from, int acknowledgedMore) throws OwnershipException {
        long number = from;
        int until = rig.acknowledged.size() + acknowledgedMore;
        while (rig.acknowledged.size() < until) {
            if (rig.outstanding() < DEPTH) {
                rig.write(number++);
            } else {
                OwnerRig.await("an acknowledgement", () -> rig.outstanding() < DEPTH);
            }
        }
        return number;
    }

    /** Writes until it may not any more. */
    private static long writeUntilEnd(OwnerRig rig, long from) {
        long number = from;
        while (rig.end() == null) {
            OwnerRig.await("room", () -> rig.outstanding() < DEPTH);
            try {
                rig.write(number++);
            } catch (OwnershipException e) {
                assertThat(e).isSameAs(rig.end());
            }
        }
        return number;
    }

    /** All that one rig was told of is in the copy of another, which is the same file. */
    private static void assertSame(OwnerRig writer, OwnerRig reader, long lastNumber) {
        OwnerRig.await("the last acknowledgement", () -> writer.outstanding() == 0);
        assertThat(writer.failure()).isNull();
        long sequence = lastNumber + 1;
        assertThat(writer.acknowledged).hasSize((int) sequence);
        writer.acknowledged.forEach((at, number) -> assertThat(at).isEqualTo(number + 1));
        for (OwnerRig rig : new OwnerRig[] {writer, reader}) {
            OwnerRig.await(
                    "the last event in the file", () -> rig.applied().sequence().value() == sequence);
        }
        assertThat(reader.failure()).isNull();
        assertThat(reader.applied().digest()).isEqualTo(writer.applied().digest());
        assertThat(reader.file.firstDifference(writer.file)).isEmpty();
    }

    @Test
    void nothingIsLostWhileLeadersDieAndStandStill() throws Exception {
        try (KafkaLogs logs = connect(Duration.ofMinutes(2));
                OwnerRig writer = newRig(logs).take("writer", LogOwner.Takeover.IF_FREE);
                OwnerRig reader = new OwnerRig(logs.open(name, LogSettings.ofThreeBrokers()), name).follow()) {
            OwnerRig.await("the image", writer::owns);
            long number = writeUntil(writer, 0, 200);
            for (int round = 0; round < 2; round++) {
                int killed = leader();
                kafka.kill(killed);
                number = writeUntil(writer, number, 300);
                kafka.restart(killed);
                int paused = leader();
                kafka.pause(paused);
                number = writeUntil(writer, number, 300);
                kafka.resume(paused);
            }
            assertSame(writer, reader, number - 1);
            assertThat(writer.end()).isNull();
        }
    }

    @Test
    void aDeliveryTimeoutFailsNothingButTime() throws Exception {
        try (KafkaLogs logs = connect(Duration.ofSeconds(5));
                OwnerRig writer = newRig(logs).take("writer", LogOwner.Takeover.IF_FREE);
                OwnerRig reader = new OwnerRig(logs.open(name, LogSettings.ofThreeBrokers()), name).follow()) {
            OwnerRig.await("the image", writer::owns);
            long number = writeUntil(writer, 0, 50);
            int leader = leader();
            for (int broker : kafka.pids().keySet()) {
                if (broker != leader) {
                    kafka.pause(broker);
                }
            }
            for (int i = 0; i < DEPTH; i++) {
                writer.write(number++);
            }
            long begun = System.nanoTime();
            OwnerRig.await("two delivery timeouts", () -> System.nanoTime() - begun > 12_000_000_000L);
            assertThat(writer.holdsLease()).as("reads may be answered").isFalse();
            for (int broker : kafka.pids().keySet()) {
                if (broker != leader) {
                    kafka.resume(broker);
                }
            }
            number = writeUntil(writer, number, 50);
            assertSame(writer, reader, number - 1);
        }
    }

    @Test
    void whoeverTakesTheImageFencesItsOwner() throws Exception {
        try (KafkaLogs first = connect(Duration.ofMinutes(2));
                KafkaLogs second = connect(Duration.ofMinutes(2));
                OwnerRig old = newRig(first).take("old", LogOwner.Takeover.IF_FREE)) {
            OwnerRig.await("the image", old::owns);
            long number = writeUntil(old, 0, 50);
            try (OwnerRig polite = new OwnerRig(second.open(name, LogSettings.ofThreeBrokers()), name)
                    .take("polite", LogOwner.Takeover.IF_FREE)) {
                OwnerRig.await("a refusal", () -> polite.end() != null);
                assertThat(polite.end())
                        .isInstanceOf(OwnershipException.Taken.class)
                        .hasMessageContaining("node old");
            }
            try (OwnerRig next = new OwnerRig(second.open(name, LogSettings.ofThreeBrokers()), name)
                    .take("next", LogOwner.Takeover.FORCED)) {
                long last = writeUntilEnd(old, number);
                OwnerRig.await("the image", next::owns);
                OwnerRig.await("the end of the old one", () -> old.end() != null);
                assertThat(old.end())
                        .isInstanceOf(OwnershipException.Fenced.class)
                        .hasMessageContaining("node next has taken the image");
                assertThat(old.holdsLease()).isFalse();
                writeUntil(next, last, 50);
                OwnerRig.await("all answers", () -> next.outstanding() == 0 && old.outstanding() == 0);
                assertThat(next.acknowledged.keySet()).doesNotContainAnyElementsOf(old.acknowledged.keySet());
            }
        }
    }

    @Test
    void anOwnerThatWakesUpAfterATakeoverAcknowledgesNothingMore() throws Exception {
        try (KafkaLogs logs = connect(Duration.ofMinutes(2))) {
            KafkaEventLog log = newLog(logs);
            Process old = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            WritingProcess.class.getName(),
                            kafka.bootstrapServers(),
                            name.image().orElseThrow().toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader said = old.inputReader()) {
                assertThat(said.readLine()).isEqualTo("owns");
                assertThat(said.readLine()).startsWith("acknowledged");
                signal("STOP", old);
                try (OwnerRig next = new OwnerRig(log, name).take("next", LogOwner.Takeover.FORCED)) {
                    OwnerRig.await("the image", next::owns);
                    writeUntil(next, 1_000_000, 50);
                    OwnerRig.await("all answers", () -> next.outstanding() == 0);
                    signal("CONT", old);
                    List<String> rest = said.lines()
                            .filter(line -> !line.startsWith("acknowledged"))
                            .toList();
                    assertThat(rest.get(2)).contains("Fenced", "node next has taken the image");
                    assertThat(rest.get(1)).isEqualTo("lease false");
                    long last = Long.parseLong(rest.get(0).substring("last ".length()));
                    assertThat(next.acknowledged.keySet()).allMatch(sequence -> sequence > last);
                }
                assertThat(old.waitFor()).isZero();
            } finally {
                old.destroyForcibly();
            }
        }
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aTopicThatIsMadeAnewIsNamed() throws Exception {
        try (KafkaLogs logs = connect(Duration.ofMinutes(2));
                OwnerRig writer = newRig(logs).take("writer", LogOwner.Takeover.IF_FREE);
                OwnerRig reader = new OwnerRig(logs.open(name, LogSettings.ofThreeBrokers()), name).follow()) {
            OwnerRig.await("the image", writer::owns);
            long number = writeUntil(writer, 0, 50);
            logs.delete(name, logs.find(name).orElseThrow());
            OwnerRig.await("the topic to be gone", () -> isGone(logs));
            logs.create(name, LogSettings.ofThreeBrokers());
            int acknowledgedBefore = writer.acknowledged.size();
            try {
                writer.write(number);
            } catch (OwnershipException.LogLost e) {
                assertThat(e).as("it had noticed by itself").hasMessageContaining(name.topic());
            }
            OwnerRig.await("the owner to notice", () -> writer.end() != null);
            assertThat(writer.acknowledged).hasSize(acknowledgedBefore);
            assertThat(writer.end()).isInstanceOf(OwnershipException.LogLost.class);
            assertThat(Objects.requireNonNull(writer.end()).getCause())
                    .isInstanceOfAny(LogException.Recreated.class, LogException.Missing.class);
            OwnerRig.await("the follower to notice", () -> reader.failure() != null);
            assertThat(reader.failure()).isInstanceOfAny(LogException.Recreated.class, LogException.Missing.class);
        }
    }

    private boolean isGone(KafkaLogs logs) {
        try {
            return logs.find(name).isEmpty();
        } catch (LogException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void recordsThatAreDeletedUnderAReaderAreMissed() throws Exception {
        try (KafkaLogs logs = connect(Duration.ofMinutes(2));
                OwnerRig writer = newRig(logs).take("writer", LogOwner.Takeover.IF_FREE)) {
            OwnerRig.await("the image", writer::owns);
            writeUntil(writer, 0, 50);
            KafkaEventLog log = logs.open(name, LogSettings.ofThreeBrokers());
            log.deleteBefore(20);
            try (OwnerRig late = new OwnerRig(log, name).follow()) {
                OwnerRig.await("the follower to notice", () -> late.failure() != null);
                assertThat(late.failure()).isInstanceOf(LogException.Gap.class);
            }
            writeUntil(writer, 50, 50);
            assertThat(writer.end())
                    .as("the owner needs nothing of what is old")
                    .isNull();
        }
    }
}
