package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

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

/** An owner is killed under load again and again; what it has answered is there when it is back. */
@Tag("once") // on one JDK
class KilledNodeIT {
    private static final int KILLS = Integer.getInteger("qedstore.kills", 30);
    private static final int SECTORS = 4096;
    private static final int MAX_SECTORS = 256;
    private static final int MAX_ANSWERS = 1000;
    private static final int LONGEST_START_MS = 2500;

    /** At every so manieth kill, the owner is killed once more before it is ready. */
    private static final int START_EVERY = 6;

    /** At every so manieth kill, the replica is killed before the owner, and is back while clients write. */
    private static final int REPLICA_EVERY = 5;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Tried> images = List.of(
            new Tried("through", new StampedDisk(1, SECTORS, Promise.WHEN_ANSWERED)),
            new Tried("back", new StampedDisk(2, SECTORS, Promise.WHEN_FLUSHED)));

    /**
     * @param name of the image
     * @param disk what is known of it
     */
    private record Tried(String name, StampedDisk disk) {}

    /**
     * Deliberate bugs: a write is answered before its event is acknowledged; a flush is answered at once; a start does not redo; a
     * place is stored before the file is synced up to it.
     */
    @Test
    void whatWasAnsweredIsThereAfterEveryKill() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka cluster = NodesOnKafka.start(folder, Map.of("volume.lease", "5s"))) {
            cluster.startNode("owner");
            cluster.startNode("replica");
            List<String> both = List.of("owner", "replica");
            cluster.create("through", both, "--cluster-size=4k");
            cluster.create("back", both, "--cluster-size=64k", "--cache=writeback");
            for (int kill = 1; kill <= KILLS; kill++) {
                killUnderLoad(cluster, kill % REPLICA_EVERY == 0);
                if (kill % START_EVERY == 0) {
                    cluster.killWhileStarting("owner", Duration.ofMillis(random.nextInt(LONGEST_START_MS)));
                }
                cluster.startNode("owner");
                for (Tried image : images) {
                    cluster.judge(image.name(), image.disk(), "after kill " + kill + ", seed " + seed);
                }
            }
            assertThat(images)
                    .allSatisfy(image -> assertThat(image.disk().answers()).isPositive());
            cluster.stopAndRequireFolds();
        }
    }

    private void killUnderLoad(NodesOnKafka cluster, boolean alsoReplica) throws Exception {
        List<StampingClient> clients = new ArrayList<>();
        try {
            for (Tried image : images) {
                String uri = cluster.node("owner").nbd(image.name());
                clients.add(new StampingClient(uri, image.disk(), random.nextLong(), MAX_SECTORS));
            }
            awaitAnswers(clients, random.nextInt(MAX_ANSWERS));
            if (alsoReplica) {
                cluster.kill("replica");
                cluster.startNode("replica");
                awaitAnswers(clients, random.nextInt(MAX_ANSWERS));
            }
            cluster.kill("owner");
        } finally {
            closeAll(clients);
        }
    }

    private void awaitAnswers(List<StampingClient> clients, int more) throws InterruptedException {
        long wanted = answers() + more;
        NodesOnKafka.await(more + " answers", () -> {
            assertThat(clients).allMatch(StampingClient::isWriting);
            return answers() >= wanted;
        });
    }

    private long answers() {
        return images.stream().mapToLong(image -> image.disk().answers()).sum();
    }

    private static void closeAll(List<StampingClient> clients) throws IOException {
        for (StampingClient client : clients) {
            client.close();
        }
    }
}
