package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.cli.Processes;
import io.qedstore.cli.Program;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code replica rebuild} as a process whose heap holds neither the image nor the log behind its checkpoint. With {@code qedstore.soak}
 * 10 GiB of data, 1 GiB of log and 512 MiB of heap, which takes 35 GiB of disk.
 *
 * <p>Deliberate bugs: the events of the log are read before the first is applied; the bytes of the checkpoint are kept.
 */
@Tag("once") // on one JDK
class RebuildHeapIT {
    private static final boolean SOAK = Boolean.getBoolean("qedstore.soak");
    private static final long MEBIBYTE = 1 << 20;
    private static final long DATA_BYTES = (SOAK ? 10240 : 256) * MEBIBYTE;
    private static final long TAIL_BYTES = (SOAK ? 1024 : 128) * MEBIBYTE;
    private static final String HEAP = SOAK ? "512m" : "72m";
    private static final Duration PATIENCE = SOAK ? Duration.ofMinutes(30) : NodesOnKafka.PATIENCE;

    private static final String IMAGE = "vm1";

    /** In the log of a JVM's collections: what it had, and what was left. */
    private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->(\\d+)M\\(");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theHeapHoldsNeitherTheImageNorItsLog() throws Exception {
        Map<String, String> settings = Map.of(
                "checkpoint.age",
                "3650d",
                "checkpoint.tail.bytes",
                Long.toString(DATA_BYTES),
                "disk.stop.images", // a fuller disk gets no checkpoint
                "99%",
                "disk.stop.replicas",
                "100%");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.startNodes("n1");
            nodes.create(IMAGE, List.of("n1"));
            nodes.ask("n1", "image", "resize", IMAGE, DATA_BYTES);
            write(nodes, DATA_BYTES, "--rw=write", "--bs=1M");
            Path file = nodes.file("n1", IMAGE);
            Path checkpoints = file.resolveSibling("../checkpoints").normalize();
            ImageId id = new ImageId(nodes.topic(IMAGE).id());
            LocalCheckpoints made = new LocalCheckpoints(checkpoints, new NodeId("n1"));
            NodesOnKafka.await("a checkpoint", PATIENCE, () -> !list(made, id).isEmpty());
            write(nodes, TAIL_BYTES, "--rw=randwrite", "--bs=64k");
            nodes.awaitRest(IMAGE);
            long last = nodes.copy("n1", IMAGE).get("sequence").asLong();
            nodes.stop("n1");

            List<Sequence> all = list(made, id);
            assertThat(all).as("checkpoints").hasSize(1);
            CheckpointDescription checkpoint = made.describe(id, all.get(0));
            assertThat(checkpoint.storedBytes()).isGreaterThanOrEqualTo(DATA_BYTES);
            nodes.topic(IMAGE).deleteRecordsBefore(checkpoint.state().position().nextOffset()); // it has to begin there
            String expected = sha256(file);
            Files.delete(file); // room for the other

            Path rebuilt = folder.resolve("rebuilt.qed");
            String said = rebuild(nodes.kafka().bootstrapServers(), checkpoints, rebuilt);
            assertThat(said).contains("at sequence " + last).contains("its content was as the owner had recorded it");
            assertThat(sha256(rebuilt)).as("what was rebuilt").isEqualTo(expected);
        }
    }

    private void write(NodesOnKafka nodes, long bytes, String... pattern) throws IOException, InterruptedException {
        ForeignPrograms.in(folder, "fio")
                .within(PATIENCE)
                .succeed(
                        "fio",
                        "--name=fill",
                        "--ioengine=nbd",
                        "--uri=" + nodes.node("n1").nbd(IMAGE),
                        "--iodepth=16",
                        "--size=" + DATA_BYTES,
                        "--io_size=" + bytes,
                        "--end_fsync=1",
                        "--refill_buffers",
                        pattern[0],
                        pattern[1]);
    }

    private static List<Sequence> list(LocalCheckpoints checkpoints, ImageId image) {
        try {
            return checkpoints.list(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String rebuild(String kafka, Path checkpoints, Path to) throws IOException, InterruptedException {
        Path collections = folder.resolve("collections.log");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xlog:gc:file=" + collections + "::filecount=0",
                "-cp",
                System.getProperty("java.class.path"),
                "io.qedstore.cli.Main",
                "replica",
                "rebuild",
                "--kafka=" + kafka,
                "--image=" + IMAGE,
                "--checkpoints=" + checkpoints,
                "--to=" + to);
        long begin = System.nanoTime();
        Program.Result done = Processes.run(folder, Map.of(), command, PATIENCE);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        List<MatchResult> heap =
                COLLECTION.matcher(Files.readString(collections)).results().toList();
        System.out.println("rebuilt with -Xmx" + HEAP + " in " + took.toMillis() + " ms, " + heap.size()
                + " collections, at most " + most(heap, 1) + " MiB before one and " + most(heap, 2) + " MiB behind it");
        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        return done.out();
    }

    private static long most(List<MatchResult> heap, int group) {
        return heap.stream()
                .mapToLong(collection -> Long.parseLong(collection.group(group)))
                .max()
                .orElse(0);
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] piece = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                digest.update(piece, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
