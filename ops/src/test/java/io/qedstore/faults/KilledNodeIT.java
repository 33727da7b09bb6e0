package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners are killed under load again and again; what they have answered is there when they are back. */
@Tag("once") // on one JDK
class KilledNodeIT {
    private static final int KILLS = Integer.getInteger("qedstore.kills", 30);
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 256;
    private static final int MAX_ANSWERS = 1000;
    private static final int LONGEST_START_MS = 2500;

    /** In every so manieth round, a node is killed once more before it is ready. */
    private static final int START_EVERY = 4;

    /** In every so manieth round, the node that was killed first is back while the other's clients write. */
    private static final int BACK_EVERY = 3;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Tried> images = List.of(
            new Tried("through", "one", new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED)),
            new Tried("back", "two", new StampedDisk(2, SECTORS, Promise.WHEN_FLUSHED)));

    /**
     * @param name of the image
     * @param owner the node that owns it; the other one has a replica
     * @param disk what is known of it
     */
    private record Tried(String name, String owner, StampedDisk disk) {}

    /**
     * Deliberate bugs: a write is answered before its event is acknowledged; a flush is answered at once; a start does not redo; a
     * place is stored before the file is synced up to it.
     */
    @Test
    void whatWasAnsweredIsThereAfterEveryKill() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka cluster = NodesOnKafka.start(folder, Map.of("volume.lease", "5s"))) {
            cluster.startNodes("one", "two");
            cluster.create("through", List.of("one", "two"), "--cluster-size=4k");
            cluster.create("back", List.of("two", "one"), "--cluster-size=64k", "--cache=writeback");
            for (int kill = 2; kill <= KILLS; kill += 2) {
                int round = kill / 2;
                boolean firstIsOne = random.nextBoolean();
                List<String> down =
                        killBothUnderLoad(cluster, firstIsOne ? images : reversed(images), round % BACK_EVERY == 0);
                if (round % START_EVERY == 0) {
                    String node = down.get(down.size() - 1);
                    cluster.killWhileStarting(node, Duration.ofMillis(random.nextInt(LONGEST_START_MS)));
                }
                cluster.startNodes(down.toArray(String[]::new));
                for (Tried image : images) {
                    cluster.judge(image.name(), image.disk(), "after kill " + kill + ", seed " + seed);
                }
            }
            assertThat(images)
                    .allSatisfy(image -> assertThat(image.disk().answers()).isPositive());
            cluster.stopAndRequireFolds();
        }
    }

    /** Deliberate bug: a node waits for the lease that it had itself before it was killed the last time but one. */
    @Test
    void aNodeThatIsKilledAgainAndAgainAnswersAtOnce() throws Exception {
        try (NodesOnKafka cluster = NodesOnKafka.start(folder, Map.of("volume.lease", "10m"))) {
            cluster.startNodes("one");
            cluster.create("vm1", List.of("one"));
            for (int kill = 0; kill < 3; kill++) {
                try (PlainNbdClient client =
                        new PlainNbdClient(cluster.node("one").nbd("vm1"))) {
                    assertThat(client.read(0, SECTORS)).containsOnly(0);
                }
                cluster.kill("one");
                cluster.startNode("one");
            }
            assertThat(cluster.ask("one", "image", "snapshot", "create", "vm1", "there"))
                    .isNotNull();
            cluster.stopAndRequireFolds();
        }
    }

    /** Deliberate bugs: the dead one's lease is waited for; a node that runs is believed to be dead. */
    @Test
    void theLeaseOfWhoIsKnownToBeDeadIsNotWaitedFor() throws Exception {
        try (NodesOnKafka cluster = NodesOnKafka.start(folder, Map.of("volume.lease", "10m"))) {
            cluster.startNodes("one", "two");
            cluster.create("vm1", List.of("one", "two"));
            try (PlainNbdClient client = new PlainNbdClient(cluster.node("one").nbd("vm1"))) {
                assertThat(client.read(0, SECTORS)).containsOnly(0);
                assertThat(takeFromDead(cluster).err()).contains("node one is not dead", "--force");
                assertThat(client.read(0, SECTORS)).containsOnly(0);
            }
            cluster.kill("one");
            NodesOnKafka.await("node two to have the image", () -> {
                Program.Result taken = takeFromDead(cluster);
                assertThat(taken.err()).matches("|(?s).*node one is not dead.*");
                return taken.exitCode() == 0;
            });
            try (PlainNbdClient client = new PlainNbdClient(cluster.node("two").nbd("vm1"))) {
                assertThat(client.read(0, SECTORS)).containsOnly(0);
            }
            cluster.startNode("one");
            cluster.stopAndRequireFolds();
        }
    }

    private static Program.Result takeFromDead(NodesOnKafka cluster) {
        return Program.run(
                "image",
                "promote",
                "vm1",
                "--node=two",
                "--dead=one",
                "--api=" + cluster.node("two").api());
    }

    private static List<Tried> reversed(List<Tried> images) {
        return List.of(images.get(1), images.get(0));
    }

    /**
     * The first image's owner, and then the other's, which has lost its replica by then.
     *
     * @param back whether the first is back before the other is killed
     * @return which do not run now
     */
    private List<String> killBothUnderLoad(NodesOnKafka cluster, List<Tried> order, boolean back) throws Exception {
        List<StampingClient> clients = new ArrayList<>();
        try {
            for (Tried image : order) {
                String uri = cluster.node(image.owner()).nbd(image.name());
                clients.add(new StampingClient(uri, image.disk(), random.nextLong(), MAX_SECTORS));
            }
            awaitAnswers(order, clients);
            cluster.kill(order.get(0).owner());
            List<Tried> left = order.subList(1, 2);
            List<StampingClient> stillWriting = clients.subList(1, 2);
            awaitAnswers(left, stillWriting);
            if (back) {
                cluster.startNodes(order.get(0).owner());
                awaitAnswers(left, stillWriting);
            }
            cluster.kill(order.get(1).owner());
            return order.stream().map(Tried::owner).skip(back ? 1 : 0).toList();
        } finally {
            closeAll(clients);
        }
    }

    private void awaitAnswers(List<Tried> of, List<StampingClient> clients) throws InterruptedException {
        int more = random.nextInt(MAX_ANSWERS);
        long wanted = answers(of) + more;
        NodesOnKafka.await(more + " answers", () -> {
            assertThat(clients).allMatch(StampingClient::isWriting);
            return answers(of) >= wanted;
        });
    }

    private static long answers(List<Tried> of) {
        return of.stream().mapToLong(image -> image.disk().answers()).sum();
    }

    private static void closeAll(List<StampingClient> clients) throws IOException {
        for (StampingClient client : clients) {
            client.close();
        }
    }
}
