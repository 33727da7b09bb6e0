package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that goes on as a clone: what was written to the base is read through it and overwritten in parts, while the clone moves, its
 * owner is killed, and its base is damaged on a node's disk.
 *
 * <p>Turns red when a cluster is filled with zeros instead of the base's bytes, when a new owner serves a clone without its base, or
 * when a base is read as it lies on the disk.
 */
@Tag("once") // on one JDK
class ClonesIT {
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 100; // mostly parts of clusters
    private static final int SOME = 300;

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

    private static void awaitBase(NodesOnKafka nodes, String node) throws InterruptedException {
        NodesOnKafka.await("the clone with its base on node " + node, () -> {
            JsonNode copy = nodes.copy(node, "clone");
            return copy.get("state").asText().equals("following") && !copy.has("detail");
        });
    }

    private static void damage(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 100; at < bytes.length(); at += 1 << 16) {
                bytes.seek(at);
                int before = bytes.read();
                bytes.seek(at);
                bytes.write(before ^ 0x20);
            }
        }
    }

    @Test
    void aCloneMovesAndComesBackWithAllThatItsBaseHad() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of("volume.lease", "3s"))) {
            nodes.startNodes("one", "two");
            nodes.create("base", List.of("one", "two"), "--cache=writethrough");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            try (StampingClient client = new StampingClient(nodes.node("one").nbd("base"), disk, seed, MAX_SECTORS)) {
                awaitMore(disk, client);
                client.finish();
            }
            nodes.create("clone", List.of("one", "two"), "--from=base", "--cache=writethrough");
            nodes.judge("clone", disk, "before anything was written to it");
            String base = nodes.ask("one", "image", "show", "clone")
                    .get("backing")
                    .get("file")
                    .asText();
            awaitBase(nodes, "two");
            assertThat(Files.mismatch(
                            nodes.file("one", "clone").resolveSibling(base),
                            nodes.file("two", "clone").resolveSibling(base)))
                    .isEqualTo(-1);

            StampingClient client = new StampingClient(nodes.node("one").nbd("clone"), disk, seed + 1, MAX_SECTORS);
            try (client) {
                awaitMore(disk, client);
                nodes.promote("clone", "two");
                nodes.placed("clone", List.of("two", "one"));
                awaitMore(disk, client);
                nodes.kill("two");
                nodes.promote("clone", "one", "--force");
                nodes.placed("clone", List.of("one", "two"));
                awaitMore(disk, client);
                client.finish();
            }
            nodes.judge("clone", disk, "when its owner was killed");

            Path others = nodes.file("two", "clone").resolveSibling(base);
            damage(others);
            nodes.startNode("two");
            awaitBase(nodes, "two");
            nodes.promote("clone", "two");
            nodes.placed("clone", List.of("two", "one"));
            nodes.judge("clone", disk, "over a base that was damaged");

            nodes.kill("two");
            Files.delete(others);
            nodes.startNode("two");
            awaitBase(nodes, "two");
            nodes.promote("clone", "two");
            nodes.judge("clone", disk, "over a base that was lost");
            assertThat(Files.mismatch(nodes.file("one", "clone").resolveSibling(base), others))
                    .isEqualTo(-1);
            nodes.stopAndRequireFolds();
        }
    }
}
