package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.serve.Certificates;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that talk to each other over TLS alone: NBD with certificates on both sides, where a request is forwarded, and the API, where a
 * copy is seeded. Turns red when a node forwards without its certificate, or asks another node's API as Java asks everybody.
 */
@Tag("once") // on one JDK
class TlsBetweenNodesConformanceIT {
    private static final List<String> JVM = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LOOK_MS = 20;
    private static final int STEPS = 100;
    private static final int HANDOFFS = 4;

    private final Path folder;
    private final ForeignPrograms programs;
    private final Path servers;
    private final Path clients;

    TlsBetweenNodesConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs =
                ForeignPrograms.in(folder, "qemu-io", "nbdinfo", "openssl").within(PATIENCE);
        Certificates certificates = new Certificates(programs, "authority");
        this.servers = certificates.server("server");
        this.clients = certificates.client("client");
    }

    private NodeProcess start(String id, EmbeddedKafka kafka) throws IOException, InterruptedException {
        Map<String, String> settings = Map.of(
                "nbd.tls.mode",
                "required",
                "nbd.tls.creds",
                servers.toString(),
                "nbd.tls.verify.peer",
                "true",
                "api.tls.mode",
                "required",
                "api.tls.creds",
                servers.toString(),
                "log.durability",
                "page-cache");
        return NodeProcess.start(NodeFile.write(folder.resolve(id), id, kafka.bootstrapServers(), settings), JVM);
    }

    private JsonNode ask(NodeProcess node, String... words) throws IOException {
        List<Object> all = new ArrayList<>(List.of((Object[]) words));
        all.addAll(List.of("--api=" + node.api(), "--api-ca=" + servers.resolve("ca-cert.pem"), "--output=json"));
        Program.Result result = Program.run(all.toArray());
        assertThat(result.exitCode()).as(all + ": " + result.err()).isZero();
        return JSON.readTree(result.out());
    }

    /** What qemu says; it takes one connection for all commands. */
    private String qemu(NodeProcess node, String export, List<String> commands, String... options) {
        URI at = URI.create(node.nbd(export));
        List<Object> words = new ArrayList<>(List.of("qemu-io"));
        words.addAll(List.of((Object[]) options));
        words.addAll(List.of("--object", "tls-creds-x509,id=t,endpoint=client,dir=" + clients, "--image-opts"));
        commands.forEach(command -> words.addAll(List.of("-c", command)));
        words.add("driver=nbd,tls-creds=t,server.type=inet,server.host=" + at.getHost() + ",server.port=" + at.getPort()
                + ",export=" + export);
        try {
            return programs.succeed(words.toArray());
        } catch (IOException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private static List<String> writes() {
        List<String> commands = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int value = 1 + step % 255;
            commands.add("write -q -P " + value + " " + step % 16 + "M 64k");
            commands.add("read -q -P " + value + " " + step % 16 + "M 64k");
            commands.add("sleep 20");
        }
        return commands;
    }

    private static List<String> reads() {
        List<String> commands = new ArrayList<>();
        for (int step = STEPS - 16; step < STEPS; step++) {
            commands.add("read -P " + (1 + step % 255) + " " + step % 16 + "M 64k");
        }
        return commands;
    }

    @Test
    void requestsAndCopiesGoFromNodeToNodeEncrypted() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder.resolve("kafka")));
                NodeProcess one = start("one", kafka);
                NodeProcess two = start("two", kafka)) {
            assertThat(one.nbd("vm1")).startsWith("nbds://");
            assertThat(one.api()).startsWith("https://");
            String id = ask(one, "image", "create", "vm1", "16M", "--owner=one", "--replicas=two,")
                    .get("id")
                    .asText();
            String clear = two.nbd("vm1").replaceFirst("nbds", "nbd");
            assertThat(programs.run("nbdinfo", clear).exitCode()).isEqualTo(1);
            CompletableFuture<String> client =
                    CompletableFuture.supplyAsync(() -> qemu(two, "vm1", writes()), task -> new Thread(task).start());
            for (int handoff = 1; handoff <= HANDOFFS; handoff++) {
                String to = handoff % 2 == 1 ? "two" : "one";
                ask(one, "image", "promote", "vm1", "--node=" + to);
            }
            assertThat(client.get()).doesNotContain("failed").doesNotContain("verification");

            ask(one, "replica", "remove", "vm1", "two");
            cut("qedstore.log." + id, copy(one).get("applied").asLong() / 2, kafka);
            ask(one, "replica", "add", "vm1", "two");
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!copy(two).path("state").asText().equals("following")) {
                assertThat(System.nanoTime() - deadline)
                        .as("time for the copy: %s", copy(two))
                        .isNegative();
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
            assertThat(qemu(two, "vm1@latest", reads(), "-r"))
                    .doesNotContain("failed")
                    .doesNotContain("verification");
        }
    }

    private JsonNode copy(NodeProcess node) throws IOException {
        return ask(node, "image", "show", "vm1").path("copy");
    }

    private static void cut(String topic, long before, EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get();
        }
    }
}
