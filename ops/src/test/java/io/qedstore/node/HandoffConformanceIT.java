package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.TestKafka;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Unmodified clients stay connected to one node each while the image moves between two of them: fio, which gives up at the first
 * error and never connects again, and qemu-io. The third node has no copy.
 */
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the fields are set before the tests
@Tag("once") // on one JDK
class HandoffConformanceIT {
    private static final boolean SOAK = Boolean.getBoolean("qedstore.soak");
    private static final int HANDOFFS = Integer.getInteger("qedstore.handoffs", SOAK ? 100 : 10);

    /** fio writes for so long, handoffs or not. */
    private static final int SECONDS = 3 * HANDOFFS;

    private static final List<String> NODES = List.of("move-one", "move-two", "move-three");
    private static final List<String> JVM = List.of("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final Duration DEADLINE = Duration.ofMinutes(15);
    private static final int IOPS = 100;

    private static final String GLOBAL = """
            [global]
            ioengine=nbd
            iodepth=8
            rw=randwrite
            bs=4k
            size=@SIZE@
            rate_iops=@IOPS@
            fsync=32
            verify=crc32c
            verify_fatal=1
            verify_dump=0
            randseed=4711
            """;

    private static final String JOB = """

            [over-@NODE@]
            uri=@URI@
            offset=@OFFSET@
            """;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private Path folder;
    private ForeignPrograms programs;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        programs = ForeignPrograms.in(folder, "fio", "qemu-img", "qemu-io").within(DEADLINE);
        for (String node : NODES) {
            nodes.add(NodeProcess.start(
                    NodeFile.write(folder.resolve(node), node, TestKafka.bootstrapServers(), Map.of()), JVM));
        }
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        try {
            for (NodeProcess node : nodes) {
                assertThat(node.stop()).isZero();
            }
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }

    private String ours(int node, Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--api=" + nodes.get(node).api());
        Program.Result result = Program.run(all.toArray());
        assertThat(result.exitCode()).as(all + ": " + result.err()).isZero();
        return result.out();
    }

    private void create(String image, String... options) {
        List<Object> words = new ArrayList<>(List.of("image", "create", image, "64M"));
        words.addAll(List.of("--owner=" + NODES.get(0), "--replicas=" + NODES.get(1) + ","));
        words.addAll(List.of(options));
        ours(0, words.toArray());
    }

    private void handOver(String image, int number) {
        int to = number % 2;
        ours(to, "image", "promote", image, "--node=" + NODES.get(to));
    }

    /** What the nodes have said of an image. */
    private String said(String image) {
        StringBuilder lines = new StringBuilder();
        for (String node : NODES) {
            try (Stream<String> all = Files.lines(folder.resolve(node).resolve("node.log"))) {
                all.filter(line -> line.contains(image))
                        .forEach(line ->
                                lines.append(node).append(' ').append(line).append('\n'));
            } catch (IOException e) {
                lines.append(node).append(": ").append(e);
            }
        }
        return lines.toString();
    }

    private CompletableFuture<String> aside(String... command) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return programs.succeed((Object[]) command);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, command[0]).start());
    }

    /** Those who write to an image, as its first owner knows them, once there are as many. */
    private JsonNode awaitClients(String image, int many, CompletableFuture<?> whoComes) throws IOException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        JsonNode clients;
        do {
            assertThat(whoComes).as("whoever is to come to " + image).isNotDone();
            assertThat(System.nanoTime() - deadline)
                    .as("time for " + many + " to come to " + image)
                    .isNegative();
            clients = new ObjectMapper()
                    .readTree(ours(0, "image", "show", image, "--output=json"))
                    .get("copy")
                    .get("clients");
        } while (clients.size() < many);
        return clients;
    }

    /** Deliberate bug: a connection is closed when its image moves. */
    @Test
    void fioFeelsNoHandoffWhereverItIsConnected() throws Exception {
        create("fio-moved", "--attach=shared");
        long bytes = 4096L * IOPS * SECONDS;
        StringBuilder jobs = new StringBuilder(GLOBAL.replace("@SIZE@", Long.toString(Math.min(bytes, 16 << 20)))
                .replace("@IOPS@", Integer.toString(IOPS)));
        for (int i = 0; i < NODES.size(); i++) {
            jobs.append(JOB.replace("@NODE@", NODES.get(i))
                    .replace("@URI@", nodes.get(i).nbd("fio-moved"))
                    .replace("@OFFSET@", Integer.toString(i * (16 << 20))));
        }
        Path file = Files.writeString(folder.resolve("jobs.fio"), jobs);
        Path report = folder.resolve("report.json");
        CompletableFuture<String> fio = aside("fio", "--output-format=json", "--output=" + report, file.toString());
        awaitClients("fio-moved", NODES.size(), fio);
        for (int handoff = 1; handoff <= HANDOFFS; handoff++) {
            handOver("fio-moved", handoff);
        }
        assertThat(fio).as("fio, which is there during all handoffs").isNotDone();
        fio.get();
        JsonNode found = new ObjectMapper().readTree(report.toFile()).get("jobs");
        assertThat(found).hasSize(NODES.size());
        assertThat(found).allMatch(job -> job.get("error").asInt() == 0);
        assertThat(found)
                .allMatch(job -> job.get("read").get("io_bytes").asLong()
                        == job.get("write").get("io_bytes").asLong());
    }

    @Test
    void qemuFeelsNoHandoffWhereverItIsConnected() throws Exception {
        for (int i = 0; i < NODES.size(); i++) {
            String image = "qemu-moved-" + i;
            create(image, "--cache=writeback");
            List<String> command = new ArrayList<>(List.of(
                    "qemu-io", "-f", "raw", "-t", "writeback", nodes.get(i).nbd(image)));
            for (int step = 0; step < 10 * HANDOFFS; step++) {
                int value = 1 + step % 255;
                command.addAll(List.of("-c", "write -q -P " + value + " " + step % 64 + "M 64k"));
                command.addAll(List.of("-c", "read -q -P " + value + " " + step % 64 + "M 64k"));
                command.addAll(step % 4 == 0 ? List.of("-c", "flush") : List.of("-c", "sleep 20"));
            }
            CompletableFuture<String> qemu = aside(command.toArray(String[]::new));
            awaitClients(image, 1, qemu);
            for (int handoff = 1; handoff <= HANDOFFS; handoff++) {
                handOver(image, handoff);
            }
            assertThat(qemu.handle((out, failure) -> failure).get())
                    .as(() -> "qemu-io; the nodes have said of its image:\n" + said(image))
                    .isNull();
            assertThat(qemu.get()).doesNotContain("failed").doesNotContain("verification");
        }
    }

    /** Two clients that are not one: those of a node count as one, and these come to two. */
    @Test
    void whoeverComesToAnotherNodeIsToldWhoHasTheImage() throws Exception {
        create("held");
        CompletableFuture<String> holder = aside(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -q 0 64k",
                "-c",
                "sleep 8000",
                nodes.get(2).nbd("held"));
        JsonNode clients = awaitClients("held", 1, holder);
        assertThat(clients.get(0).asText()).endsWith(" at node " + NODES.get(2));
        Program.Result refused = programs.run(
                "qemu-io", "-f", "raw", "-c", "write -q 0 64k", nodes.get(1).nbd("held"));
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.err() + refused.out())
                .contains("one client at a time may write to 'held'", "at node " + NODES.get(2));
        programs.succeed("qemu-img", "info", nodes.get(1).nbd("held@latest"));
        holder.get();
        programs.succeed(
                "qemu-io", "-f", "raw", "-c", "write -q 0 64k", nodes.get(1).nbd("held"));
    }
}
