package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.cli.Processes;
import io.qedstore.cli.Program;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a rebuild takes of memory has nothing to do with how large the image is, or the log behind its checkpoint: much is rebuilt with
 * little heap. With {@code qedstore.soak} 10 GiB of data and 1 GiB behind the checkpoint, with 512 MiB of heap.
 *
 * <p>Turns red when records of the log, or pieces of the checkpoint, are kept.
 */
@Tag("once") // on one JDK
class RebuildHeapIT {
    private static final boolean SOAK = Boolean.getBoolean("qedstore.soak");
    private static final long DATA_BYTES = SOAK ? 10L << 30 : 256 << 20;
    private static final long TAIL_BYTES = SOAK ? 1 << 30 : 128 << 20;
    private static final String HEAP = SOAK ? "512m" : "64m";
    private static final Duration PATIENCE = SOAK ? Duration.ofMinutes(40) : NodesOnKafka.PATIENCE;
    private static final String IMAGE = "vm1";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void muchIsRebuiltWithLittleHeap() throws IOException, InterruptedException {
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of())) {
            nodes.giveSettings("n1", Map.of("checkpoint.age", "1s"));
            nodes.startNodes("n1");
            String id = nodes.ask(
                            "n1", "image", "create", IMAGE, Long.toString(DATA_BYTES), "--owner=n1", "--replicas=0")
                    .get("id")
                    .asText();
            fio(nodes, "--rw=write", DATA_BYTES);
            Path checkpoints = folder.resolve("n1/data/checkpoints");
            long written = nodes.copy("n1", IMAGE).get("sequence").asLong();
            NodesOnKafka.await("a checkpoint", PATIENCE, () -> newest(checkpoints, id) >= written);
            nodes.stop("n1");

            nodes.giveSettings("n1", Map.of("checkpoint.age", "3650d", "checkpoint.tail.bytes", "1T"));
            nodes.startNode("n1");
            fio(nodes, "--rw=randwrite", TAIL_BYTES);
            NodesOnKafka.await("the file to have all", PATIENCE, () -> {
                JsonNode copy = nodes.copy("n1", IMAGE);
                return copy.get("applied").asLong() == copy.get("sequence").asLong()
                        && copy.get("clients").isEmpty();
            });
            nodes.stop("n1");

            Path rebuilt = folder.resolve("rebuilt.qed");
            rebuild(nodes, checkpoints, rebuilt);
            assertThat(Files.mismatch(rebuilt, folder.resolve("n1/data/images/" + id + ".qed")))
                    .as("the first difference between what was rebuilt and what the node has")
                    .isEqualTo(-1);
        }
    }

    private static void fio(NodesOnKafka nodes, String kind, long bytes) throws IOException, InterruptedException {
        Program.Result written = Processes.run(
                Path.of("/"),
                Map.of(),
                List.of(
                        "fio",
                        "--name=load",
                        "--ioengine=nbd",
                        "--uri=" + nodes.node("n1").nbd(IMAGE),
                        kind,
                        "--bs=1M",
                        "--iodepth=8",
                        "--size=" + DATA_BYTES,
                        "--io_size=" + bytes,
                        "--end_fsync=1"),
                PATIENCE);
        assertThat(written.exitCode()).as(written.err()).isZero();
    }

    private static long newest(Path checkpoints, String id) {
        try {
            return new LocalCheckpoints(checkpoints, new NodeId("n1"))
                    .list(new ImageId(UUID.fromString(id))).stream()
                            .mapToLong(Sequence::value)
                            .max()
                            .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void rebuild(NodesOnKafka nodes, Path checkpoints, Path to) throws IOException, InterruptedException {
        Program.Result result = Processes.run(
                folder,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.qedstore.cli.Main",
                        "replica",
                        "rebuild",
                        "--kafka=" + nodes.kafka().bootstrapServers(),
                        "--image=" + IMAGE,
                        "--checkpoints=" + checkpoints,
                        "--to=" + to),
                PATIENCE);
        assertThat(result.exitCode()).as(result.err()).isZero();
        System.out.println(result.out() + result.err());
    }
}
