package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The beginning of an image's log goes while it is written, and nothing that is needed goes with it.
 *
 * <p>Turns red when the log is cut at the later of two checkpoints, or when a snapshot is not looked at.
 */
@Tag("once") // on one JDK
class RetentionIT {
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 128;
    private static final int SECTOR_BYTES = 512;
    private static final Map<String, String> SETTINGS =
            Map.of("checkpoint.tail.bytes", "1M", "checkpoint.keep", "1", "retention.every", "1s", "point.keep", "1s");

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());

    private static long floor(NodesOnKafka nodes) {
        return nodes.ask("n2", "image", "retention", "show", "vm1").get("floor").asLong();
    }

    private static byte[] read(NodesOnKafka nodes, String node, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node(node).nbd(export))) {
            return client.read(0, SECTORS * SECTOR_BYTES);
        }
    }

    /** From one node's checkpoints and what is left of the log. */
    private byte[] rebuilt(NodesOnKafka nodes, String at, String checkpointsOf) throws IOException {
        Path file = folder.resolve("rebuilt-" + at.replace(':', '-') + "-" + checkpointsOf + ".qed");
        Path raw = folder.resolve(file.getFileName() + ".raw");
        Path data = nodes.file(checkpointsOf, "vm1").resolveSibling("..").normalize();
        run(
                "replica",
                "rebuild",
                "--kafka=" + nodes.kafka().bootstrapServers(),
                "--image=vm1",
                "--at=" + at,
                "--checkpoints=" + data.resolve("checkpoints"),
                "--to=" + file);
        run("file", "convert", "-O", "raw", file, raw);
        return Arrays.copyOf(Files.readAllBytes(raw), SECTORS * SECTOR_BYTES);
    }

    private static void run(Object... words) {
        Program.Result result = Program.run(words);
        assertThat(result.exitCode()).as(List.of(words) + ": " + result.err()).isZero();
    }

    @Test
    void theBeginningOfALogGoesAndWhatIsPinnedStays() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, SETTINGS)) {
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", List.of("n1", "n2"), "--cache=writethrough");
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            long held;
            try (StampingClient client = new StampingClient(nodes.node("n1").nbd("vm1"), disk, seed, MAX_SECTORS)) {
                nodes.ask("n1", "image", "retention", "set", "vm1", "--keep-bytes=1M");
                NodesOnKafka.await("a floor", () -> floor(nodes) > 0);
                JsonNode snapshot = nodes.ask("n1", "image", "snapshot", "create", "vm1", "held");
                held = snapshot.get("sequence").asLong();
                byte[] before = read(nodes, "n1", "vm1@snapshot:held");
                long answers = disk.answers() + 600; // several checkpoints
                NodesOnKafka.await("writes", () -> {
                    assertThat(client.isWriting()).isTrue();
                    return disk.answers() >= answers;
                });
                JsonNode plan = nodes.ask("n2", "image", "retention", "plan", "vm1");
                assertThat(plan.get("bounds").toString()).contains("snapshot held");
                long floor = floor(nodes);
                assertThat(floor).isBetween(1L, held);
                assertThat(nodes.topic("vm1").startOffset()).isPositive();
                for (String node : List.of("n1", "n2")) {
                    assertThat(rebuilt(nodes, "snapshot:held", node)).isEqualTo(before);
                }
                assertThat(read(nodes, "n2", "vm1@seq:" + held))
                        .isEqualTo(before); // below, the floor may move any moment
                assertThatThrownBy(() -> read(nodes, "n2", "vm1@seq:1")).isInstanceOf(IOException.class);
                nodes.ask("n1", "image", "snapshot", "delete", "vm1", "held");
                NodesOnKafka.await("the floor to pass what was held", () -> floor(nodes) > held);
                client.finish();
            }
            nodes.kill("n1");
            nodes.startNode("n1");
            nodes.judge("vm1", disk, "after the owner was killed and its log had been cut");
            assertThat(floor(nodes)).isGreaterThan(held);
            nodes.ask("n1", "image", "snapshot", "create", "vm1", "end");
            byte[] end = read(nodes, "n1", "vm1@snapshot:end");
            for (String node : List.of("n1", "n2")) {
                assertThat(rebuilt(nodes, "snapshot:end", node)).isEqualTo(end);
            }
        }
    }
}
