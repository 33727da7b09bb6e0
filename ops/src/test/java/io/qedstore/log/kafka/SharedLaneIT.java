package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What logs that share a producer cost each other. */
@Tag("kafka")
class SharedLaneIT {
    private static final int LANES = 2;
    private static final int BYTES = 64 << 10;

    private final KafkaLogs logs =
            KafkaLogs.connect(Kafka.shared().with(ProducerSettings.standard().withImages(LANES, 1)));
    private final KafkaEventLog log = Kafka.newLog(logs, Kafka.newName(0, LANES));
    private final KafkaEventLog sameLane = Kafka.newLog(logs, Kafka.newName(0, LANES));
    private final KafkaEventLog otherLane = Kafka.newLog(logs, Kafka.newName(1, LANES));

    SharedLaneIT() throws IOException, InterruptedException {}

    @AfterEach
    void close() {
        logs.close();
    }

    @Test
    void anAppenderThatIsClosedInOrderCostsNobodyAnything() throws Exception {
        try (Appender neighbour = sameLane.newAppender()) {
            Appends neighbours = new Appends().append(neighbour, BYTES, 100);
            Appender appender = log.newAppender();
            new Appends().append(appender, 10, 10).await().assertContiguousFrom(0);
            appender.close();
            neighbours.append(neighbour, BYTES, 100).await().assertContiguousFrom(0);
        }
    }

    /** The deliberate bug: closing an appender leaves the producer open, which sends on. */
    @Test
    void anAppenderThatIsAbandonedCostsItsLaneTheProducer() throws Exception {
        Appender neighbour = sameLane.newAppender();
        Appender far = otherLane.newAppender();
        Appender appender = log.newAppender();
        for (Appender each : List.of(neighbour, far, appender)) {
            new Appends().append(each, 10, 1).await().assertContiguousFrom(0);
        }
        Appends farOnes = new Appends().append(far, BYTES, 300);
        Appends own = new Appends().append(appender, BYTES, 1000);
        Appends neighbours = new Appends().append(neighbour, BYTES, 1000);
        appender.close();

        assertThat(own.await().failures()).isNotEmpty().hasOnlyElementsOfType(LogException.Unavailable.class);
        assertThat(neighbours.await().failures())
                .isNotEmpty()
                .hasOnlyElementsOfType(LogException.Unavailable.class)
                .extracting(LogException::getMessage)
                .allMatch(message -> message.contains(sameLane.name().topic())
                        && message.contains(log.name().topic()));
        assertThat(new Appends().append(neighbour, 10, 1).await().failures()).hasSize(1);
        farOnes.append(far, 10, 1).await().assertContiguousFrom(1);
        neighbour.close();
        far.close();

        long before = sameLane.range().endOffset();
        try (Appender next = sameLane.newAppender();
                Appender nextOwn = log.newAppender()) {
            Appends again = new Appends().append(next, 10, 20);
            assertThat(new Appends().append(nextOwn, 10, 20).await().failures()).isEmpty();
            assertThat(again.await().failures()).isEmpty();
            assertThat(again.offsets().get(0)).isGreaterThanOrEqualTo(before);
        }
    }

    /** What was acknowledged before the end is there, whoever fails when. */
    @Test
    void everyRecordIsAnsweredOnceWhateverIsClosedWhen() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<Appends> all = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<List<Appends>>> rounds = new ArrayList<>();
            for (KafkaEventLog each : List.of(log, sameLane, otherLane)) {
                Random random = new Random(seed ^ each.name().hashCode());
                rounds.add(threads.submit(() -> appendAndClose(each, random)));
            }
            for (Future<List<Appends>> round : rounds) {
                all.addAll(round.get(2, TimeUnit.MINUTES));
            }
        } finally {
            threads.shutdownNow();
        }
        for (Appends appends : all) {
            appends.await().offsets();
        }
    }

    private static List<Appends> appendAndClose(KafkaEventLog log, Random random) throws InterruptedException {
        List<Appends> all = new ArrayList<>();
        for (int round = 0; round < 25; round++) {
            Appends appends = new Appends();
            all.add(appends);
            Appender appender = log.newAppender();
            appends.append(appender, random.nextInt(BYTES), 1 + random.nextInt(100));
            if (random.nextBoolean()) {
                appends.await();
            }
            appends.append(appender, random.nextInt(BYTES), random.nextInt(20));
            appender.close();
            appends.append(appender, 10, 1);
        }
        return all;
    }

    @Test
    void whatWasAcknowledgedBeforeAnotherGaveUpIsThere() throws Exception {
        Appender neighbour = sameLane.newAppender();
        Appends neighbours = new Appends().append(neighbour, BYTES, 500);
        Appender appender = log.newAppender();
        new Appends().append(appender, 10, 1).await();
        new Appends().append(appender, BYTES, 50);
        appender.close();
        List<Long> offsets = neighbours.await().offsets();
        List<Long> stored = Reads.offsets(Reads.all(sameLane, LogPosition.START));
        assertThat(stored).containsAll(offsets);
        neighbour.close();
    }
}
