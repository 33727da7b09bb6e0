package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with {@code node.roles=replica} has all of its images and serves them, and owns none, whoever asks it to and whatever becomes of
 * their owner.
 *
 * <p>Turns red when a node does not look at its roles before it takes over what is without an owner, when a promotion or a creation leaves
 * the roles to chance, when a node that was given another role goes on to own what is placed on it, and when a copy is made faster than
 * {@code seed.rate}.
 */
@Tag("once") // on one JDK
class ReplicaOnlyIT {
    private static final int SECTORS = 8192;
    private static final int SECTOR_BYTES = 512;
    private static final int BLOCK_BYTES = 4096;
    private static final int MAX_SECTORS = 128;
    private static final int SOME = 200;
    private static final int SEED_BYTES_PER_SECOND = 512 << 10;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());

    private static JsonNode state(NodesOnKafka nodes, String node) {
        return nodes.copy(node, "vm1");
    }

    private static String detail(NodesOnKafka nodes, String node) {
        return state(nodes, node).path("detail").asText();
    }

    private static String ownerOf(NodesOnKafka nodes, String asked) {
        return nodes.ask(asked, "image", "show", "vm1").get("owner").asText();
    }

    private static String refusal(NodesOnKafka nodes, String asked, Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--api=" + nodes.node(asked).api());
        Program.Result result = Program.run(all.toArray());
        assertThat(result.exitCode()).as(all + ": " + result.out()).isEqualTo(1);
        return result.err();
    }

    private static void awaitMore(StampedDisk disk, StampingClient client) throws InterruptedException {
        long wanted = disk.answers() + SOME;
        NodesOnKafka.await("writes", () -> {
            assertThat(client.isWriting()).as("the client is connected").isTrue();
            return disk.answers() >= wanted;
        });
    }

    private void writeSome(NodesOnKafka nodes, String through, StampedDisk disk, long with) throws Exception {
        try (StampingClient client = new StampingClient(nodes.node(through).nbd("vm1"), disk, with, MAX_SECTORS)) {
            awaitMore(disk, client);
            client.finish();
        }
    }

    private static void awaitSame(NodesOnKafka nodes, String node, String as) throws InterruptedException {
        NodesOnKafka.await("the copy on " + node, () -> {
            JsonNode copy = state(nodes, node);
            return copy != null
                    && copy.get("state").asText().equals("following")
                    && copy.get("applied").asLong() > 0
                    && copy.get("applied").asLong()
                            == state(nodes, as).get("sequence").asLong();
        });
    }

    private static void awaitOwner(NodesOnKafka nodes, String node) throws InterruptedException {
        NodesOnKafka.await(
                "the owner " + node,
                () -> ownerOf(nodes, node).equals(node)
                        && state(nodes, node).get("state").asText().equals("owning"));
    }

    private static byte[] read(NodesOnKafka nodes, String node, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node(node).nbd(export))) {
            return client.read(0, SECTORS * SECTOR_BYTES);
        }
    }

    private static Path data(NodesOnKafka nodes, String node) {
        return nodes.file(node, "vm1").resolveSibling("..").normalize();
    }

    private static boolean hasCheckpoint(NodesOnKafka nodes, String node) {
        Path checkpoints = data(nodes, node).resolve("checkpoints");
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.anyMatch(Files::isRegularFile);
        } catch (IOException e) {
            return false;
        }
    }

    private static void damage(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 8);
        }
    }

    private byte[] rebuilt(NodesOnKafka nodes, String at) throws IOException {
        Path file = folder.resolve("rebuilt.qed");
        Path raw = folder.resolve("rebuilt.raw");
        Program.Result rebuild = Program.run(
                "replica",
                "rebuild",
                "--kafka=" + nodes.kafka().bootstrapServers(),
                "--image=vm1",
                "--at=" + at,
                "--checkpoints=" + data(nodes, "n2").resolve("checkpoints"),
                "--to=" + file);
        assertThat(rebuild.exitCode()).as(rebuild.err()).isZero();
        Program.Result convert = Program.run("file", "convert", "-O", "raw", file, raw);
        assertThat(convert.exitCode()).as(convert.err()).isZero();
        return Arrays.copyOf(Files.readAllBytes(raw), SECTORS * SECTOR_BYTES);
    }

    /** How many bytes of a file are in blocks that are not zeros: those that a copy moves at least. */
    private static long dataBytes(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        long data = 0;
        for (int at = 0; at < all.length; at += BLOCK_BYTES) {
            int end = Math.min(all.length, at + BLOCK_BYTES);
            if (!Arrays.equals(all, at, end, new byte[end - at], 0, end - at)) {
                data += end - at;
            }
        }
        return data;
    }

    @Test
    void itServesAllAndOwnsNothing() throws Exception {
        System.out.println("seed " + seed);
        Map<String, String> settings =
                Map.of("volume.lease", "5s", "checkpoint.tail.bytes", "1M", "checkpoint.keep", "2");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.giveSettings("n2", Map.of("node.roles", "reader"));
            Program.Result wrong = Program.run("node", "start", "--config=" + nodes.config("n2"));
            assertThat(wrong.exitCode()).isEqualTo(2);
            assertThat(wrong.err()).contains("node.roles").contains("'reader'").contains("'owner', 'replica'");

            nodes.giveSettings("n2", Map.of("node.roles", "replica"));
            nodes.giveSettings("n3", Map.of("seed.rate", SEED_BYTES_PER_SECOND / 1024 + "k"));
            nodes.startNodes("n1", "n2");
            assertThat(nodes.ask("n1", "node", "show", "n2").get("roles").toString())
                    .isEqualTo("[\"replica\"]");
            JsonNode byItself = nodes.ask("n2", "image", "create", "vm0", "16M");
            assertThat(byItself.get("owner").asText()).isEqualTo("n1");
            nodes.create("vm1", List.of("n1", "n2"), "--cache=writethrough", "--failover=auto");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);

            // it follows, keeps checkpoints, mends what it scrubs, and serves, while a client writes through it
            byte[] before;
            try (StampingClient client = new StampingClient(nodes.node("n2").nbd("vm1"), disk, seed, MAX_SECTORS)) {
                awaitMore(disk, client);
                NodesOnKafka.await("a checkpoint", () -> hasCheckpoint(nodes, "n2"));
                nodes.ask("n1", "image", "snapshot", "create", "vm1", "before");
                before = read(nodes, "n1", "vm1@snapshot:before");
                awaitMore(disk, client);
                assertThat(read(nodes, "n2", "vm1@snapshot:before")).isEqualTo(before);
                assertThat(rebuilt(nodes, "snapshot:before")).isEqualTo(before);

                long damagedAt = state(nodes, "n2").get("applied").asLong();
                damage(nodes.file("n2", "vm1"), 4);
                nodes.ask("n2", "image", "scrub", "vm1", "--node=n2");
                NodesOnKafka.await("the mending", () -> {
                    JsonNode copy = state(nodes, "n2");
                    return copy.get("restoredBlocks").asLong() > 0
                            && copy.path("scrub").path("sequence").asLong() >= damagedAt;
                });
                requireRefusals(nodes);
                awaitMore(disk, client);
                client.finish();
            }
            awaitSame(nodes, "n2", "n1");
            nodes.judge("vm1", disk, "after refusals");
            byte[] now = read(nodes, "n1", "vm1");
            assertThat(read(nodes, "n2", "vm1")).isEqualTo(now);
            assertThat(read(nodes, "n2", "vm1@latest")).isEqualTo(now);

            // its owner is gone, and has opted in
            nodes.kill("n1");
            NodesOnKafka.await("a word of it", () -> detail(nodes, "n2").contains("is gone"));
            assertThat(detail(nodes, "n2"))
                    .contains("its owner, node n1, is gone, and this node cannot take it over")
                    .contains("node.roles");
            Program.Result shown = Program.run(
                    "image", "show", "vm1", "--api=" + nodes.node("n2").api());
            assertThat(shown.out()).contains("n2: its owner, node n1, is gone");
            assertThat(refusal(nodes, "n2", "image", "promote", "vm1", "--node=n2", "--force"))
                    .contains("node n2 owns no images");
            assertThat(read(nodes, "n2", "vm1@latest")).isEqualTo(now);
            assertThat(read(nodes, "n2", "vm1@snapshot:before")).isEqualTo(before);

            // a node that may comes, gets a copy, no faster than it wants, and takes it
            nodes.topic("vm1")
                    .deleteRecordsBefore(state(nodes, "n2").get("applied").asLong() / 2);
            nodes.startNode("n3");
            assertThat(ownerOf(nodes, "n2")).isEqualTo("n1");
            long begun = System.nanoTime();
            nodes.ask("n2", "replica", "add", "vm1", "n3");
            NodesOnKafka.await("the copy on n3", () -> {
                JsonNode copy = state(nodes, "n3");
                return copy != null
                        && copy.get("applied").asLong() > 0
                        && List.of("following", "taking", "owning")
                                .contains(copy.get("state").asText());
            });
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            long least = dataBytes(nodes.file("n2", "vm1")) * 1000 / SEED_BYTES_PER_SECOND;
            System.out.println("seeded in " + took.toMillis() + " ms, at least " + least);
            assertThat(took.toMillis()).isGreaterThan(least * 9 / 10);
            awaitOwner(nodes, "n3");
            nodes.placed("vm1", List.of("n3", "n2"));
            nodes.judge("vm1", disk, "after the takeover");
            writeSome(nodes, "n2", disk, seed + 1);
            NodesOnKafka.await("nothing to be said", () -> detail(nodes, "n2").isEmpty());

            nodes.startNode("n1");
            nodes.placed("vm1", List.of("n3", "n2", "n1"));
            awaitSame(nodes, "n1", "n3");
            nodes.judge("vm1", disk, "in the end");
        }
    }

    private static void requireRefusals(NodesOnKafka nodes) {
        for (String asked : List.of("n1", "n2")) {
            assertThat(refusal(nodes, asked, "image", "promote", "vm1", "--node=n2"))
                    .contains("node n2 owns no images: it has node.roles=replica, expected owner among them");
            assertThat(refusal(nodes, asked, "image", "promote", "vm1", "--node=n2", "--force"))
                    .contains("node n2 owns no images");
            assertThat(refusal(nodes, asked, "image", "create", "vm9", "16M", "--owner=n2"))
                    .contains("node n2 owns no images");
        }
        assertThat(refusal(nodes, "n1", "image", "create", "vm9", "--from=vm1", "--owner=n2"))
                .contains("node n2 owns no images");
        assertThat(refusal(nodes, "n2", "node", "drain", "n1"))
                .contains("image 'vm1', which no other node can own")
                .contains("image 'vm0', which no other node can own");
        nodes.ask("n2", "node", "drain", "n1", "--undo");
        assertThat(ownerOf(nodes, "n2")).isEqualTo("n1");
        assertThat(state(nodes, "n1").get("state").asText()).isEqualTo("owning");
    }

    /** Deliberate bug: the owner before is kept as a replica, which the catalog refuses each time. */
    @Test
    void rolesMayChangeUnderImages() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of("volume.lease", "5s"))) {
            nodes.giveSettings("n1", Map.of("node.roles", "owner"));
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", List.of("n1", "n2"), "--failover=auto");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            writeSome(nodes, "n1", disk, seed);

            // an owner that keeps no copies leaves when another node takes the image
            nodes.promote("vm1", "n2");
            nodes.placed("vm1", List.of("n2"));
            NodesOnKafka.await("the file to go", () -> !Files.exists(nodes.file("n1", "vm1")));
            nodes.judge("vm1", disk, "after the promotion");
            assertThat(refusal(nodes, "n1", "replica", "add", "vm1", "n1")).contains("n1");

            // an owner that comes back as a replica follows, and another takes its images
            nodes.stop("n1");
            nodes.giveSettings("n1", Map.of());
            nodes.startNode("n1");
            nodes.ask("n1", "replica", "add", "vm1", "n1");
            awaitSame(nodes, "n1", "n2");
            nodes.ask("n1", "image", "set", "vm1", "--failover=manual");
            nodes.stop("n2");
            nodes.giveSettings("n2", Map.of("node.roles", "replica"));
            nodes.startNode("n2");
            NodesOnKafka.await(
                    "a word of it",
                    () -> detail(nodes, "n2").contains("no owner among its node.roles")
                            && detail(nodes, "n1")
                                    .contains("has no owner among its node.roles any more, and failover is manual"));
            assertThatThrownBy(() -> read(nodes, "n2", "vm1")).isInstanceOf(IOException.class);
            assertThat(state(nodes, "n2").get("state").asText()).isEqualTo("following");
            nodes.ask("n1", "image", "set", "vm1", "--failover=auto");
            awaitOwner(nodes, "n1");
            nodes.placed("vm1", List.of("n1", "n2"));
            writeSome(nodes, "n2", disk, seed + 1);
            nodes.judge("vm1", disk, "in the end");
            nodes.stopAndRequireFolds();
        }
    }

    /** Deliberate bug: as above. The owner is gone for good. */
    @Test
    void anOwnerThatKeepsNoCopiesIsReplacedToo() throws Exception {
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of("volume.lease", "5s"))) {
            nodes.giveSettings("n1", Map.of("node.roles", "owner"));
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", List.of("n1", "n2"), "--failover=auto");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            writeSome(nodes, "n1", disk, seed);
            nodes.kill("n1");
            awaitOwner(nodes, "n2");
            nodes.placed("vm1", List.of("n2"));
            nodes.judge("vm1", disk, "after the takeover");
        }
    }
}
