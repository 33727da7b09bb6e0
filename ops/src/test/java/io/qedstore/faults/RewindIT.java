package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image goes back to points and forth again, and its owner is killed meanwhile.
 *
 * <p>Turns red when a rewind that broke off is not gone on with, or writes to blocks that another point has otherwise.
 */
@Tag("once") // on one JDK
class RewindIT {
    private static final int SECTORS = 16384;
    private static final int MAX_SECTORS = 128;
    private static final int SOME = 400;
    private static final int SECTOR_BYTES = 512;
    private static final int KILLS = 4;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static void awaitMore(StampedDisk disk, StampingClient client) throws InterruptedException {
        long wanted = disk.answers() + SOME;
        NodesOnKafka.await("writes", () -> {
            assertThat(client.isWriting()).as("the client is connected").isTrue();
            return disk.answers() >= wanted;
        });
    }

    private static byte[] read(NodesOnKafka nodes, String node, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node(node).nbd(export))) {
            return client.read(0, SECTORS * SECTOR_BYTES);
        }
    }

    private static Program.Result run(NodesOnKafka nodes, String node, Object... words) {
        List<Object> all = new java.util.ArrayList<>(List.of(words));
        all.add("--api=" + nodes.node(node).api());
        return Program.run(all.toArray());
    }

    @Test
    void anImageGoesBackAndForthWhateverHappensToItsOwner() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of("checkpoint.tail.bytes", "4M"))) {
            nodes.startNodes("n1", "n2");
            nodes.create("vm1", List.of("n1", "n2"));
            StampedDisk disk = new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED);
            byte[] before;
            try (StampingClient client = new StampingClient(nodes.node("n1").nbd("vm1"), disk, seed, MAX_SECTORS)) {
                awaitMore(disk, client);
                nodes.ask("n2", "image", "snapshot", "create", "vm1", "before");
                awaitMore(disk, client);
                Program.Result inUse = run(nodes, "n2", "image", "rewind", "vm1@snapshot:before");
                assertThat(inUse.exitCode()).isEqualTo(1);
                assertThat(inUse.err()).contains("image vm1 is in use by ").contains("shut that down first");
                client.finish();
            }
            NodesOnKafka.await(
                    "the client to be gone",
                    () -> nodes.copy("n1", "vm1").get("clients").isEmpty());
            before = read(nodes, "n1", "vm1@snapshot:before");
            byte[] after = read(nodes, "n1", "vm1@latest");
            assertThat(after).isNotEqualTo(before);
            nodes.ask("n2", "image", "snapshot", "create", "vm1", "after");

            JsonNode plan = nodes.ask("n2", "image", "rewind", "vm1@snapshot:before", "--dry-run");
            assertThat(plan.get("dataBytes").asLong()).isPositive();
            assertThat(plan.get("zeroBytes").asLong()).isPositive();
            assertThat(read(nodes, "n1", "vm1@latest")).isEqualTo(after);

            Program.Result done = run(nodes, "n2", "image", "rewind", "vm1@snapshot:before");
            assertThat(done.exitCode()).as(done.err()).isZero();
            assertThat(done.out()).contains("the way back is `qedstore image rewind vm1@seq:");
            assertThat(read(nodes, "n1", "vm1")).isEqualTo(before);
            assertThat(nodes.ask("n2", "image", "rewind", "vm1@snapshot:before", "--dry-run")
                            .get("dataBytes")
                            .asLong())
                    .isZero();

            for (int i = 0; i < KILLS; i++) {
                String point = i % 2 == 0 ? "snapshot:after" : "snapshot:before";
                killWhileRewinding(nodes, point);
                assertThat(read(nodes, "n1", "vm1")).as(point).isEqualTo(i % 2 == 0 ? after : before);
            }
            // whoever becomes the owner meanwhile goes on with it
            CompletableFuture<Program.Result> rewinding = aside(nodes, "vm1@snapshot:after");
            nodes.promote("vm1", "n2");
            rewinding.get(NodesOnKafka.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            finish(nodes, "vm1@snapshot:after");
            assertThat(read(nodes, "n2", "vm1")).isEqualTo(after);
            nodes.stopAndRequireFolds();
        }
    }

    private void killWhileRewinding(NodesOnKafka nodes, String point) throws Exception {
        CompletableFuture<Program.Result> rewinding = aside(nodes, "vm1@" + point);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(1500)); // no moment is better than another
        nodes.kill("n1");
        nodes.startNode("n1");
        rewinding.get(NodesOnKafka.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        finish(nodes, "vm1@" + point);
    }

    private static CompletableFuture<Program.Result> aside(NodesOnKafka nodes, String point) {
        return CompletableFuture.supplyAsync(
                () -> run(nodes, "n2", "image", "rewind", point), task -> new Thread(task, "rewind").start());
    }

    /** It may not even have been begun. */
    private static void finish(NodesOnKafka nodes, String point) throws InterruptedException {
        NodesOnKafka.await(
                "the end of the rewind",
                () -> nodes.ask("n2", "image", "show", "vm1").path("rewind").isMissingNode()
                        || nodes.ask("n2", "image", "show", "vm1")
                                .path("rewind")
                                .isNull());
        Program.Result again = run(nodes, "n2", "image", "rewind", point);
        assertThat(again.exitCode()).as(again.err()).isZero();
    }
}
