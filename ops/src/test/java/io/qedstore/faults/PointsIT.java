package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.cli.Program;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints of an image that is written, and its points, read over NBD from any node and made without one.
 *
 * <p>Turns red when a point file is made from a checkpoint behind the point, or when what a kill leaves is not removed.
 */
@Tag("once") // on one JDK
class PointsIT {
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 128;
    private static final int SOME = 300;
    private static final int SECTOR_BYTES = 512;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());

    private static void awaitMore(StampedDisk disk, StampingClient client) throws InterruptedException {
        long wanted = disk.answers() + SOME;
        NodesOnKafka.await("writes", () -> {
            assertThat(client.isWriting()).as("the client is connected").isTrue();
            return disk.answers() >= wanted;
        });
    }

    private static Path dataOf(NodesOnKafka nodes, String node) {
        return nodes.file(node, "vm1").resolveSibling("..").normalize();
    }

    private static LocalCheckpoints checkpoints(NodesOnKafka nodes, String node) {
        return new LocalCheckpoints(dataOf(nodes, node).resolve("checkpoints"), new NodeId(node));
    }

    private static List<Sequence> list(NodesOnKafka nodes, String node) {
        String name = String.valueOf(nodes.file(node, "vm1").getFileName());
        try {
            return checkpoints(nodes, node).list(new ImageId(UUID.fromString(name.replace(".qed", ""))));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(NodesOnKafka nodes, String node, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node(node).nbd(export))) {
            return client.read(0, SECTORS * SECTOR_BYTES);
        }
    }

    private static List<Path> files(Path of) {
        try (Stream<Path> all = Files.walk(of)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] rebuilt(NodesOnKafka nodes, String at, String checkpointsOf) throws IOException {
        Path file = folder.resolve("rebuilt-" + at.replace(':', '-') + "-" + checkpointsOf + ".qed");
        Path raw = folder.resolve(file.getFileName() + ".raw");
        run(
                "replica",
                "rebuild",
                "--kafka=" + nodes.kafka().bootstrapServers(),
                "--image=vm1",
                "--at=" + at,
                "--checkpoints=" + dataOf(nodes, checkpointsOf).resolve("checkpoints"),
                "--to=" + file);
        run("file", "convert", "-O", "raw", file, raw);
        return Arrays.copyOf(Files.readAllBytes(raw), SECTORS * SECTOR_BYTES); // as much as is written
    }

    private static void run(Object... words) {
        Program.Result result = Program.run(words);
        assertThat(result.exitCode()).as(List.of(words) + ": " + result.err()).isZero();
    }

    @Test
    void pointsAreTheSameOnAllNodesAndMadeFromCheckpoints() throws Exception {
        System.out.println("seed " + seed);
        Map<String, String> settings =
                Map.of("checkpoint.tail.bytes", "1M", "checkpoint.keep", "2", "point.keep", "1s");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", List.of("n1", "n2"), "--cache=writethrough");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            try (StampingClient client = new StampingClient(nodes.node("n1").nbd("vm1"), disk, seed, MAX_SECTORS)) {
                awaitMore(disk, client);
                nodes.ask("n1", "image", "snapshot", "create", "vm1", "before");
                for (String node : List.of("n1", "n2")) {
                    NodesOnKafka.await(
                            "checkpoints on " + node, () -> list(nodes, node).size() == 2);
                }
                awaitMore(disk, client);
                byte[] before = read(nodes, "n1", "vm1@snapshot:before");
                assertThat(read(nodes, "n2", "vm1@snapshot:before")).isEqualTo(before);
                assertThat(rebuilt(nodes, "snapshot:before", "n1")).isEqualTo(before);

                // the owner's checkpoint, and the replica's: the same point from either, while the image is written on
                Sequence newest = list(nodes, "n1").get(1);
                String point = "seq:" + (newest.value() + 1);
                byte[] there = read(nodes, "n2", "vm1@" + point);
                assertThat(there).isNotEqualTo(before);
                assertThat(rebuilt(nodes, point, "n1")).isEqualTo(there);
                assertThat(rebuilt(nodes, point, "n2")).isEqualTo(there);
                assertThatThrownBy(() -> read(nodes, "n2", "vm1@snapshot:none")).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> read(nodes, "n2", "vm1@time:2199-01-01T00:00:00Z"))
                        .isInstanceOf(IOException.class);

                Path exported = folder.resolve("exported.qed");
                Path raw = folder.resolve("exported.raw");
                run("image", "export", "--api=" + nodes.node("n2").api(), "vm1@snapshot:before", exported);
                run("file", "check", exported);
                run("file", "convert", "-O", "raw", exported, raw);
                assertThat(Arrays.copyOf(Files.readAllBytes(raw), before.length))
                        .isEqualTo(before);

                // killed in the middle of something, most likely; what is half done goes
                nodes.kill("n2");
                Files.createDirectories(dataOf(nodes, "n2").resolve("points"));
                Files.write(dataOf(nodes, "n2").resolve("points").resolve("left.qed"), new byte[1]);
                nodes.startNode("n2");
                NodesOnKafka.await("the next checkpoint on n2", () -> {
                    List<Sequence> now = list(nodes, "n2");
                    return now.size() == 2 && now.get(0).compareTo(newest) > 0;
                });
                NodesOnKafka.await("point files to go", () -> Stream.of("n1", "n2")
                        .allMatch(node ->
                                files(dataOf(nodes, node).resolve("points")).isEmpty()));
            }
            nodes.stopAndRequireFolds();
            for (String node : List.of("n1", "n2")) {
                assertThat(files(dataOf(nodes, node).resolve("checkpoints")))
                        .allMatch(file -> !file.toString().contains(".part")
                                && !file.toString().contains(".gone"));
            }
        }
    }
}
