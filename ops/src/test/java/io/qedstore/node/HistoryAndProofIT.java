package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.kafka.TestKafka;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an image's log tells of it, asked as people ask: who wrote what, whether the copies are what it says, and whether a file is.
 *
 * <p>Turns red when a verification passes over damaged blocks, or when a proof takes the image at another point.
 */
@Tag("once") // on one JDK
class HistoryAndProofIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int LOOK_MS = 200;

    @TempDir
    private Path folder = Path.of("");

    private static void flip(Path file, long fileOffset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, fileOffset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), fileOffset);
        }
    }

    private static List<String> kinds(JsonNode history) {
        List<String> kinds = new ArrayList<>();
        history.forEach(item -> kinds.add(item.get("kind").asText()));
        return kinds;
    }

    private static List<String> operations(JsonNode history) {
        List<String> operations = new ArrayList<>();
        for (JsonNode item : history) {
            for (JsonNode operation : item.get("operations")) {
                operations.add(operation.get("kind").asText() + " " + operation.get("guestOffset") + "+"
                        + operation.get("lengthBytes"));
            }
        }
        return operations;
    }

    @Test
    void anImagesLogTellsWhoWroteWhatAndWhetherItsCopiesAndFilesAreWhatItSays() throws Exception {
        ForeignPrograms programs = ForeignPrograms.in(folder, "qemu-io");
        try (NodePair pair = NodePair.start(folder, Map.of("scrub.every", "0", "checkpoint.tail.bytes", "1M"))) {
            PairImage image = pair.create("16M", List.of());
            programs.succeed("qemu-io", "-f", "raw", "-c", "write -P 1 1M 64k", "-c", "flush", image.uri());
            pair.ours("image", "snapshot", "create", image.name(), "first");
            programs.succeed(
                    "qemu-io",
                    "-f",
                    "raw",
                    "-c",
                    "write -P 2 2M 64k",
                    "-c",
                    "discard 1M 64k",
                    "-c",
                    "write -P 3 4M 2M",
                    image.uri());
            image.awaitRest();
            awaitCheckpoints(pair, image);

            history(pair, image);
            verify(pair, image);
            prove(pair, image);
            pair.stop();
        }
    }

    /** One on each node. */
    private static void awaitCheckpoints(NodePair pair, PairImage image) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (Collections.frequency(kinds(pair.json("image", "history", image.name())), "checkpoint") < 2) {
            assertThat(System.nanoTime()).as("checkpoints are made").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private static void history(NodePair pair, PairImage image) throws IOException {
        JsonNode history = pair.json("image", "history", image.name());
        assertThat(kinds(history))
                .startsWith("claim", "event")
                .contains("flush", "snapshot")
                .doesNotContain("void");
        assertThat(operations(history))
                .startsWith("create 0+16777216")
                .containsSubsequence("write 1048576+65536", "write 2097152+65536", "discard 1048576+65536");
        // the node without ownership tells the same
        assertThat(Program.run(
                                "image",
                                "history",
                                image.name(),
                                "--output=json",
                                "--api=" + pair.replica().api())
                        .out())
                .isEqualTo(pair.ours("image", "history", image.name(), "--output=json"));
        assertThat(operations(pair.json("image", "history", image.name(), "--range=1M+1")))
                .containsExactly("write 1048576+65536", "discard 1048576+65536");
        assertThat(operations(pair.json("image", "history", image.name(), "--from=snapshot:first")))
                .contains("discard 1048576+65536")
                .doesNotContain("create 0+16777216");
        assertThat(operations(pair.json("image", "history", image.name(), "--to=snapshot:first")))
                .doesNotContain("write 2097152+65536");
        assertThat(pair.ours("image", "history", image.name())).contains("write 2097152+65536", "snapshot first");
        for (String wrong :
                List.of("--from=snapshot:none", "--from=latest", "--to=time:2199-01-01T00:00:00Z", "--from=7")) {
            Program.Result result = pair.run("image", "history", image.name(), wrong);
            assertThat(result.exitCode()).as(wrong).isEqualTo(1);
            assertThat(result.err()).hasLineCount(1);
        }
    }

    private static void verify(NodePair pair, PairImage image) throws IOException {
        JsonNode good = pair.json("image", "verify", image.name());
        assertThat(good.at("/log/state").asText()).isEqualTo("ok");
        assertThat(good.at("/log/from").asLong()).isZero();
        assertThat(good.get("copies")).hasSize(2);
        for (JsonNode copy : good.get("copies")) {
            assertThat(copy.get("state").asText()).as(good.toString()).isEqualTo("ok");
            assertThat(copy.get("recorded").asLong()).isPositive();
        }
        flip(image.replicaFile(), 70_000);
        Program.Result damaged = pair.run("image", "verify", image.name());
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.out()).contains("differs").contains("at 69632");
        pair.ours("image", "scrub", image.name());
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (pair.run("image", "verify", image.name()).exitCode() != 0) {
            assertThat(System.nanoTime()).as("the scrub restores it").isLessThan(deadline);
        }
        assertThat(pair.run("image", "verify", "none").exitCode()).isEqualTo(1);
    }

    private void prove(NodePair pair, PairImage image) throws IOException, InterruptedException {
        Path exact = folder.resolve("exact.qed");
        Path first = folder.resolve("first.qed");
        pair.ours("image", "export", image.name(), exact, "--exact");
        pair.ours("image", "export", image.name() + "@snapshot:first", first);
        assertThat(proof(image, exact, "latest").out()).contains("byte for byte");
        assertThat(proof(image, first, "snapshot:first").exitCode()).isZero();
        assertThat(proof(image, first, "latest").exitCode()).isEqualTo(1);
        String checkpoints = "--checkpoints="
                + image.ownerFile().resolveSibling("..").resolve("checkpoints").normalize();
        assertThat(proof(image, exact, "latest", checkpoints).out())
                .contains("byte for byte")
                .contains("followed from the checkpoint at event");
        assertThat(proof(image, folder.resolve("none.qed"), "latest").exitCode())
                .isEqualTo(1);
        assertThat(proof(image, exact, "seq:99999").exitCode()).isEqualTo(1);
        assertThat(proof(image, exact, "yesterday").exitCode()).isEqualTo(2);
        flip(exact, Files.size(exact) - 1);
        Program.Result changed = proof(image, exact, "latest");
        assertThat(changed.exitCode()).isEqualTo(1);
        assertThat(changed.err()).contains("first at " + (Files.size(exact) - 1));
    }

    private static Program.Result proof(PairImage image, Path file, String at, String... more)
            throws IOException, InterruptedException {
        List<Object> words = new ArrayList<>(List.of("file", "prove", file));
        words.add("--kafka=" + TestKafka.bootstrapServers());
        words.add("--image=" + image.name());
        words.add("--at=" + at);
        words.addAll(List.of(more));
        return Program.run(words.toArray());
    }
}
