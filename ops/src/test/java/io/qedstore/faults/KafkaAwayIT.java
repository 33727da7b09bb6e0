package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.faults.StampedDisk.Promise;
import java.io.Closeable;
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

/**
 * The broker does not answer for a while: guests wait and go on, without an error, and nothing is lost. With {@code
 * -Dqedstore.outage=150} the long outage outlasts the producers' patience also, after which an owner claims anew.
 */
@Tag("once") // on one JDK
class KafkaAwayIT {
    private static final Duration LONG_OUTAGE = Duration.ofSeconds(Integer.getInteger("qedstore.outage", 8));
    private static final Duration SHORT_OUTAGE = Duration.ofSeconds(20);
    private static final Duration SHORT_LEASE = Duration.ofSeconds(3);

    /** For what is on its way to come in. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    /** For threads that a busy machine has let wait. */
    private static final Duration HICCUP = Duration.ofSeconds(2);

    /** Clients are waited for first, for 30 s, and then the log, for 20 s. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(75);

    private static final int SECTORS = 8192;
    private static final int MAX_SECTORS = 256;
    private static final int SOME = 50;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Load> loads = List.of(
            new Load("small", "--cluster-size=4k", "--cache=writethrough", Promise.WHEN_ANSWERED, 1),
            new Load("usual", "--cluster-size=64k", "--cache=writeback", Promise.WHEN_FLUSHED, 2),
            new Load("large", "--cluster-size=1M", "--cache=writethrough", Promise.WHEN_ANSWERED, 3));

    /** An image with clients. */
    private static final class Load implements Closeable {
        final String image;
        final String[] options;
        final Promise promise;
        final StampedDisk disk;
        final List<StampingClient> writers = new ArrayList<>();
        final List<CheckingReader> readers = new ArrayList<>();

        Load(String image, String clusterSize, String cache, Promise promise, long disk) {
            this.image = image;
            this.options = new String[] {clusterSize, cache, "--attach=shared"};
            this.promise = promise;
            this.disk = new StampedDisk(disk, SECTORS, promise);
        }

        void attach(String uri, Random random) throws IOException {
            writers.add(new StampingClient(uri, disk, random.nextLong(), MAX_SECTORS));
            readers.add(new CheckingReader(uri, disk, random.nextLong()));
        }

        long reads() {
            return readers.get(0).answers();
        }

        long readNanos() {
            return readers.get(0).answeredNanos();
        }

        /** Both go on. */
        void awaitProgress() throws InterruptedException {
            long wantedWrites = disk.answers() + SOME;
            long wantedReads = reads() + SOME;
            NodesOnKafka.await("writes and reads of " + image, () -> {
                requireNoErrors();
                return disk.answers() >= wantedWrites && reads() >= wantedReads;
            });
        }

        void requireNoErrors() {
            assertThat(writers).as("writers of " + image).allMatch(StampingClient::isWriting);
            assertThat(readers.get(0).wrong()).as("reads of " + image).isEmpty();
        }

        /** Writes no more, and waits for the last answer. */
        void finish() throws IOException, InterruptedException {
            for (StampingClient writer : writers) {
                writer.finish();
            }
            requireNoErrors();
            close();
        }

        @Override
        public void close() throws IOException {
            for (CheckingReader reader : readers) {
                reader.close();
            }
            for (StampingClient writer : writers) {
                writer.close();
            }
        }
    }

    private NodesOnKafka start(Duration lease) throws IOException, InterruptedException {
        System.out.println("seed " + seed);
        NodesOnKafka cluster = NodesOnKafka.start(folder, Map.of("volume.lease", lease.toMillis() + "ms"));
        boolean started = false;
        try {
            cluster.startNode("node");
            for (Load load : loads) {
                cluster.create(load.image, List.of("node"), load.options);
            }
            for (Load load : loads) {
                load.attach(cluster.node("node").nbd(load.image), random);
            }
            for (Load load : loads) {
                load.awaitProgress();
            }
            started = true;
            return cluster;
        } finally {
            if (!started) {
                closeLoads();
                cluster.close();
            }
        }
    }

    private void closeLoads() throws IOException {
        for (Load load : loads) {
            load.close();
        }
    }

    /** Everybody goes on; then every write is there that was offered, and the files are what the logs say. */
    private void requireAllIsWell(NodesOnKafka cluster) throws Exception {
        for (Load load : loads) {
            load.awaitProgress();
        }
        requireSaidNoMore(cluster);
        for (Load load : loads) {
            load.finish();
            cluster.judge(load.image, load.disk, "after the outage, seed " + seed);
        }
        cluster.stopAndRequireFolds();
    }

    /** Deliberate bugs: reads wait for the log's next record; a write is answered before its event is acknowledged. */
    @Test
    void withinTheLeaseReadsGoOnAndWritesWait() throws Exception {
        try (NodesOnKafka cluster = start(SHORT_OUTAGE.multipliedBy(3))) {
            long paused = pause(cluster);
            List<Long> writes = loads.stream().map(load -> load.disk.answers()).toList();
            List<Long> reads = loads.stream().map(Load::reads).toList();
            requireSaid(cluster);
            awaitSince(paused, SHORT_OUTAGE);
            for (int i = 0; i < loads.size(); i++) {
                Load load = loads.get(i);
                load.requireNoErrors();
                assertThat(load.reads()).as("reads of " + load.image).isGreaterThan(reads.get(i) + SOME);
                if (load.promise == Promise.WHEN_ANSWERED) {
                    assertThat(load.disk.answers() - writes.get(i))
                            .as("writes of " + load.image + " that were answered; more than were on their way")
                            .isLessThanOrEqualTo(StampingClient.DEPTH);
                }
            }
            cluster.kafka().resume(1);
            requireAllIsWell(cluster);
        } finally {
            closeLoads();
        }
    }

    /** Deliberate bugs: the lease is counted from its acknowledgement; reads are answered without one. */
    @Test
    void fromTheLeasesEndReadsWaitTooAndAllGoOnAfterwards() throws Exception {
        try (NodesOnKafka cluster = start(SHORT_LEASE)) {
            long paused = pause(cluster);
            requireSaid(cluster);
            awaitSince(paused, LONG_OUTAGE);
            for (Load load : loads) {
                load.requireNoErrors();
                assertThat(Duration.ofNanos(load.readNanos() - paused))
                        .as("the last read of " + load.image)
                        .isLessThan(SHORT_LEASE.plus(HICCUP));
            }
            cluster.kafka().resume(1);
            requireAllIsWell(cluster);
        } finally {
            closeLoads();
        }
    }

    /** Deliberate bug: what had been sent to the broker that was killed is not sent again. */
    @Test
    void aBrokerThatIsKilledAndStartedAgainCostsNothing() throws Exception {
        try (NodesOnKafka cluster = start(SHORT_LEASE)) {
            for (int i = 0; i < 2; i++) {
                cluster.kafka().kill(1);
                cluster.kafka().restart(1);
                for (Load load : loads) {
                    load.awaitProgress();
                }
            }
            requireAllIsWell(cluster);
        } finally {
            closeLoads();
        }
    }

    /** Deliberate bug: the end waits for the release of an image without a deadline. */
    @Test
    void aNodeThatIsToldToEndMeanwhileEnds() throws Exception {
        try (NodesOnKafka cluster = start(SHORT_LEASE)) {
            long paused = pause(cluster);
            awaitSince(paused, SETTLING);
            int exitCode = cluster.node("node").stop();
            Duration took = Duration.ofNanos(System.nanoTime() - paused);
            System.out.println("the node ended after " + took.toMillis() + " ms");
            assertThat(took).isLessThan(STOP_DEADLINE);
            assertThat(exitCode).isZero();
            closeLoads();
            cluster.kafka().resume(1);
            cluster.startNode("node");
            for (Load load : loads) {
                cluster.judge(load.image, load.disk, "after the end, seed " + seed);
            }
            cluster.stopAndRequireFolds();
        } finally {
            closeLoads();
        }
    }

    /** @return when, by the monotonic clock */
    private static long pause(NodesOnKafka cluster) throws IOException, InterruptedException {
        cluster.kafka().pause(1);
        return System.nanoTime();
    }

    private static void awaitSince(long nanos, Duration time) throws InterruptedException {
        NodesOnKafka.await(
                time + " of an outage",
                time.plus(NodesOnKafka.PATIENCE),
                () -> System.nanoTime() - nanos >= time.toNanos());
    }

    /** The API and the metrics tell that the images wait, and for what. */
    private void requireSaid(NodesOnKafka cluster) throws InterruptedException {
        for (Load load : loads) {
            NodesOnKafka.await("the API to say that " + load.image + " waits", () -> {
                JsonNode copy = cluster.copy("node", load.image);
                return copy.get("state").asText().equals("owning")
                        && copy.path("detail").asText().contains("waiting for the log");
            });
            NodesOnKafka.await(
                    "the metrics to say that " + load.image + " waits",
                    () -> cluster.metric("node", "qedstore_image_log_wait_seconds", load.image) > 0
                            && cluster.metric("node", "qedstore_image_pending_bytes", load.image) > 0);
        }
    }

    /** They tell of it no more. */
    private void requireSaidNoMore(NodesOnKafka cluster) throws InterruptedException {
        for (Load load : loads) {
            NodesOnKafka.await(
                    "the API to say nothing of " + load.image,
                    () -> cluster.copy("node", load.image).path("detail").isMissingNode()
                            || cluster.copy("node", load.image).path("detail").isNull());
            NodesOnKafka.await(
                    "the metrics to say nothing of " + load.image,
                    () -> cluster.metric("node", "qedstore_image_log_wait_seconds", load.image) == 0);
        }
    }
}
