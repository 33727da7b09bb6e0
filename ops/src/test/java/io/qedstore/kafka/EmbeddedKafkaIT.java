package io.qedstore.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.cli.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Brokers as processes: kept data, deaths, pauses, and nobody left behind. */
@Tag("once") // on one JDK
class EmbeddedKafkaIT {
    private final Path folder;

    EmbeddedKafkaIT(@TempDir Path folder) {
        this.folder = folder.resolve("kafka data");
    }

    @Test
    void aFolderKeepsItsDataAndItsPortsWhereTheyAreFree()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        EmbeddedKafkaSettings settings = EmbeddedKafkaSettings.one(folder);
        String first;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
            first = kafka.bootstrapServers();
            Records records = new Records(first);
            records.create("letters", 1);
            records.write("letters", "a", "b");
        }
        assertThat(folder.resolve("node-1/broker.log"))
                .content()
                .as("stopped in order")
                .contains("shut down completed");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
            assertThat(kafka.bootstrapServers()).isEqualTo(first);
            Records records = new Records(first);
            assertThat(records.read("letters")).containsExactly("a", "b");
            interruptAsATerminalDoes(kafka.pids().values().iterator().next());
            records.write("letters", "c");
            kafka.kill(1);
        }
        int port = Integer.parseInt(first.substring(first.indexOf(':') + 1));
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
            assertThat(taken.isBound()).isTrue();
            assertThat(kafka.bootstrapServers()).isNotEqualTo(first);
            assertThat(new Records(kafka.bootstrapServers()).read("letters")).containsExactly("a", "b", "c");
        }
    }

    private void interruptAsATerminalDoes(long pid) throws IOException, InterruptedException {
        assertThat(Processes.run(folder, "sh", "-c", "kill -INT $0 && kill -HUP $0", pid)
                        .exitCode())
                .isZero();
    }

    @Test
    void threeBrokersGoOnWithoutAnyOneOfThem()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.three(folder))) {
            assertThat(kafka.pids()).containsOnlyKeys(1, 2, 3);
            Records records = new Records(kafka.bootstrapServers());
            records.create("letters", 3);
            records.write("letters", "with all");

            int killed = records.leader("letters");
            kafka.kill(killed);
            assertThat(kafka.pids()).hasSize(2).doesNotContainKey(killed);
            records.write("letters", "without the killed one");
            kafka.restart(killed);
            assertThat(kafka.pids()).hasSize(3);

            int paused = records.leader("letters");
            kafka.pause(paused);
            records.write("letters", "without the paused one");
            kafka.resume(paused);
            kafka.restart(paused);
            records.write("letters", "with all again");
            assertThat(records.read("letters"))
                    .containsExactly("with all", "without the killed one", "without the paused one", "with all again");
        }
    }

    @Test
    void aBrokerThatDiesAtItsStartSaysWhy() throws IOException, InterruptedException {
        EmbeddedKafkaSettings broken = EmbeddedKafkaSettings.one(folder).with("num.io.threads", "none");
        assertThatThrownBy(() -> EmbeddedKafka.start(broken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broker 1")
                .hasMessageContaining("Invalid value none for configuration num.io.threads");
        EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder)).close();
    }

    /** Red if the pipe from parent to broker or the guard of a paused broker is taken away. */
    @Test
    void brokersEndWithTheProgramThatStartedThemAndNobodyElseGetsTheirFolder()
            throws IOException, InterruptedException {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KafkaHolder.class.getName(),
                        folder.toString(),
                        "3")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
            List<ProcessHandle> brokers = Stream.of(
                            String.valueOf(out.readLine()).split(" "))
                    .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                    .toList();
            assertThat(brokers).hasSize(3).allMatch(ProcessHandle::isAlive);
            assertThatThrownBy(() -> EmbeddedKafka.start(EmbeddedKafkaSettings.three(folder)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by process " + holder.pid());

            holder.destroyForcibly().waitFor();
            Deadline deadline = Deadline.in(Duration.ofSeconds(30));
            while (brokers.stream().anyMatch(ProcessHandle::isAlive) && deadline.goesOn()) {
                // they are about to end
            }
            assertThat(brokers).noneMatch(ProcessHandle::isAlive);
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void aFolderThatThisProgramUsesIsRefusedAndSoIsAnotherNumberOfBrokers() throws IOException, InterruptedException {
        EmbeddedKafkaSettings settings = EmbeddedKafkaSettings.one(folder);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(settings)) {
            assertThat(kafka.pids()).hasSize(1);
            assertThatThrownBy(() -> EmbeddedKafka.start(settings)).hasMessageContaining("in use by process");
        }
        assertThatThrownBy(() -> EmbeddedKafka.start(EmbeddedKafkaSettings.three(folder)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("of 1 brokers, not of 3");
    }
}
