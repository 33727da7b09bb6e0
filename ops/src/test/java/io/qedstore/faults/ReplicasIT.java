package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies come and go while an image is written; what is damaged in one is restored from another. */
@Tag("once") // on one JDK
class ReplicasIT {
    private static final int SECTORS = 8192;
    private static final int MAX_SECTORS = 256;
    private static final int SOME = 200;
    private static final int BLOCK = 4096;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static JsonNode state(NodesOnKafka nodes, String node) {
        return nodes.copy(node, "vm1");
    }

    private static void awaitMore(StampedDisk disk, StampingClient client) throws InterruptedException {
        long wanted = disk.answers() + SOME;
        NodesOnKafka.await("writes", () -> {
            assertThat(client.isWriting()).as("the client is connected").isTrue();
            return disk.answers() >= wanted;
        });
    }

    private static void awaitFollowing(NodesOnKafka nodes, String node) throws InterruptedException {
        NodesOnKafka.await("the copy on " + node, () -> {
            JsonNode copy = state(nodes, node);
            return copy != null
                    && copy.get("state").asText().equals("following")
                    && copy.get("applied").asLong() > 0;
        });
    }

    private void damage(Path file, int count) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            int blocks = (int) (bytes.length() / BLOCK);
            for (int i = 0; i < count; i++) {
                long at =
                        i == 0 ? random.nextInt(BLOCK) : random.nextInt(blocks) * (long) BLOCK + random.nextInt(BLOCK);
                bytes.seek(at); // the header's block among them
                int before = bytes.read();
                bytes.seek(at);
                bytes.write(before ^ (1 << random.nextInt(8)));
            }
        }
    }

    @Test
    void copiesComeAndGoWhileTheImageIsWritten() throws Exception {
        System.out.println("seed " + seed);
        Map<String, String> settings = Map.of("scrub.rate", "100M", "verify.reads", "true");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.startNodes("n1", "n2", "n3");
            nodes.create("vm1", List.of("n1", "n2"), "--cache=writethrough");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            try (StampingClient client = new StampingClient(nodes.node("n1").nbd("vm1"), disk, seed, MAX_SECTORS)) {
                awaitMore(disk, client);
                awaitFollowing(nodes, "n2");

                // damage in all copies, each in other places most likely
                long damagedAt = state(nodes, "n1").get("applied").asLong();
                damage(nodes.file("n1", "vm1"), 20);
                damage(nodes.file("n2", "vm1"), 40);
                nodes.ask("n2", "image", "scrub", "vm1");
                awaitMore(disk, client);
                for (String node : List.of("n1", "n2")) {
                    NodesOnKafka.await("the mending on " + node, () -> {
                        JsonNode copy = state(nodes, node);
                        long scrubbed = copy.path("scrub").path("sequence").asLong();
                        assertThat(client.isWriting()).as(node + ": " + copy).isTrue();
                        return copy.get("restoredBlocks").asLong() > 0 && scrubbed > damagedAt;
                    });
                }
                // a third copy, of a log that does not reach back any more
                nodes.topic("vm1")
                        .deleteRecordsBefore(state(nodes, "n2").get("applied").asLong() / 2);
                nodes.ask("n2", "replica", "add", "vm1", "n3");
                awaitMore(disk, client);
                awaitFollowing(nodes, "n3");
                nodes.placed("vm1", List.of("n1", "n2", "n3"));

                awaitMore(disk, client);
                for (String node :
                        List.of("n1", "n2", "n3")) { // the owner says about once a second what the file holds
                    NodesOnKafka.await("a verified copy on " + node, () -> {
                        assertThat(client.isWriting()).as(node).isTrue();
                        return state(nodes, node).get("verified").asLong() > 0;
                    });
                }
                client.finish();
            }
            nodes.judge("vm1", disk, "after damage");

            // a copy leaves
            nodes.ask("n3", "replica", "remove", "vm1", "n2");
            NodesOnKafka.await("the file to go", () -> !Files.exists(nodes.file("n2", "vm1")));
            nodes.placed("vm1", List.of("n1", "n3"));
            Program.Result refused = Program.run(
                    "replica",
                    "remove",
                    "vm1",
                    "n1",
                    "--api=" + nodes.node("n2").api());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).contains("node n1 owns image vm1; promote another node first");

            // everything leaves n1 but what is in the trash
            nodes.ask("n1", "image", "create", "vm2", "1M", "--owner=n1", "--replicas=0");
            nodes.ask("n1", "image", "delete", "vm2");
            Program.Result stuck = Program.run(
                    "node", "drain", "n1", "--api=" + nodes.node("n2").api());
            assertThat(stuck.exitCode()).isEqualTo(1);
            assertThat(stuck.err()).contains("node 'n1' still has image 'vm2' in the trash");
            nodes.ask("n1", "image", "undelete", "vm2");
            Program.Result drained = Program.run(
                    "node", "drain", "n1", "--api=" + nodes.node("n2").api());
            assertThat(drained.exitCode()).as(drained.err()).isZero();
            assertThat(stuck.out()).contains("image 'vm1' has left n1");
            assertThat(drained.out()).contains("node 'n1' has no images any more; 1 were moved");
            NodesOnKafka.await("the file to go", () -> !Files.exists(nodes.file("n1", "vm1")));
            nodes.placed("vm1", List.of("n3", "n2"));
            nodes.judge("vm1", disk, "after the drain");
            assertThat(nodes.ask("n2", "node", "show", "n1").get("draining").asBoolean())
                    .isTrue();
            NodesOnKafka.await("the copies to be the same", () -> {
                try {
                    return state(nodes, "n2").get("applied").asLong()
                                    == state(nodes, "n3").get("applied").asLong()
                            && Files.mismatch(nodes.file("n2", "vm1"), nodes.file("n3", "vm1")) == -1;
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }
}
