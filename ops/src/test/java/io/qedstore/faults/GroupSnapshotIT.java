package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program writes to two disks of two nodes in turn, each time behind the answer to the write before.
 *
 * <p>Turns red when the points of a group are taken one after the other while the others' writes go on.
 */
@Tag("once") // on one JDK
class GroupSnapshotIT {
    private static final int GROUPS = 12;
    private static final int SOME = 50;

    @TempDir
    private Path folder = Path.of("");

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong written = new AtomicLong();

    /** The same number goes to one disk, then to the other. */
    private void write(PlainNbdClient one, PlainNbdClient other) {
        try {
            for (long i = 1; !stop.get(); i++) {
                byte[] data = ByteBuffer.allocate(512).putLong(i).array();
                for (PlainNbdClient disk : List.of(one, other)) {
                    disk.send(PlainNbdClient.WRITE, 0, i, 0, data.length, data);
                    assertThat(disk.receive().error()).isZero();
                }
                written.set(i);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long number(NodesOnKafka nodes, String export) throws IOException {
        try (PlainNbdClient client = new PlainNbdClient(nodes.node("n2").nbd(export))) {
            return ByteBuffer.wrap(client.read(0, 512)).getLong();
        }
    }

    private static Program.Result run(NodesOnKafka nodes, Object... words) {
        List<Object> all = new java.util.ArrayList<>(List.of(words));
        all.add("--api=" + nodes.node("n1").api());
        return Program.run(all.toArray());
    }

    @Test
    void aGroupIsOneMomentOfAllItsImages() throws Exception {
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, Map.of())) {
            nodes.startNodes("n1", "n2");
            nodes.create("data", List.of("n1", "n2"));
            nodes.create("log", List.of("n2", "n1"));
            try (PlainNbdClient one = new PlainNbdClient(nodes.node("n1").nbd("log"));
                    PlainNbdClient other = new PlainNbdClient(nodes.node("n1").nbd("data"))) {
                Thread writer = new Thread(() -> write(one, other), "writer");
                writer.start();
                for (int i = 0; i < GROUPS; i++) {
                    awaitMore(writer);
                    Program.Result made = run(nodes, "image", "snapshot", "create", "--group=g" + i, "data", "log");
                    assertThat(made.exitCode()).as(made.err()).isZero();
                    assertThat(made.out()).contains("of 'data'").contains("of 'log'");
                }
                hooksAreRun(nodes);
                Program.Result none = run(nodes, "image", "snapshot", "create", "--group=h", "data", "none");
                assertThat(none.exitCode()).isEqualTo(1);
                assertThat(none.err()).contains("there is no image none");
                Program.Result taken = run(nodes, "image", "snapshot", "create", "--group=g0", "data", "log");
                assertThat(taken.exitCode()).isEqualTo(1);
                awaitMore(writer);
                stop.set(true);
                writer.join();
            }
            for (int i = 0; i < GROUPS; i++) {
                long first = number(nodes, "log@snapshot:g" + i);
                long second = number(nodes, "data@snapshot:g" + i);
                assertThat(first).as("group " + i).isBetween(second, second + 1).isPositive();
            }
            assertThat(nodes.ask("n1", "image", "snapshot", "list", "data").toString())
                    .doesNotContain("\"h\"");
            nodes.stopAndRequireFolds();
        }
    }

    private void awaitMore(Thread writer) throws InterruptedException {
        long wanted = written.get() + SOME;
        NodesOnKafka.await("writes", () -> {
            assertThat(writer.isAlive()).isTrue();
            return written.get() >= wanted;
        });
    }

    private void hooksAreRun(NodesOnKafka nodes) throws IOException {
        Path said = folder.resolve("said");
        String freeze = "--freeze=echo frozen $QEDSTORE_IMAGES >>" + said;
        String thaw = "--thaw=echo thawed >>" + said;
        assertThat(run(nodes, "image", "snapshot", "create", "--group=quiet", "data", "log", freeze, thaw)
                        .exitCode())
                .isZero();
        assertThat(Files.readAllLines(said)).containsExactly("frozen data log", "thawed");
        Program.Result failed = run(nodes, "image", "snapshot", "create", "data", "never", "--freeze=exit 3", thaw);
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("the command of --freeze ended with status 3");
        assertThat(Files.readAllLines(said)).containsExactly("frozen data log", "thawed", "thawed");
        assertThat(run(nodes, "image", "snapshot", "create", "data", "x", freeze)
                        .exitCode())
                .isEqualTo(2);
        assertThat(nodes.ask("n1", "image", "snapshot", "list", "data").toString())
                .contains("quiet")
                .doesNotContain("never");
    }
}
