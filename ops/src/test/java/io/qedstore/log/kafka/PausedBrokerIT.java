package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is there and does not answer. */
@Tag("once") // on one JDK
class PausedBrokerIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int BYTES = 16 << 10;

    /** The deliberate bugs: an appender that goes on after a failure; one that keeps the producer. */
    @Test
    void allThatIsUnderWayFailsOnceAndNothingFollows(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder));
                KafkaLogs logs = KafkaLogs.connect(settings(kafka))) {
            KafkaEventLog log = Kafka.newLog(logs);
            Appender appender = log.newAppender();
            new Appends().append(appender, BYTES, 10).await().assertContiguousFrom(0);
            Reads.read(log, LogPosition.START);

            kafka.pause(1);
            long before = System.nanoTime();
            Appends lost = new Appends().append(appender, BYTES, 300);
            LogPosition end = new LogPosition(10, LogPosition.START.leaderEpoch());
            // The first ones may still be empty: what was known of the topic is fresh enough.
            assertThatThrownBy(() -> {
                        while (true) {
                            assertThat(Reads.read(log, end).records()).isEmpty();
                        }
                    })
                    .isInstanceOf(LogException.Unavailable.class);
            assertThat(lost.await().failures()).hasSize(300).hasOnlyElementsOfType(LogException.Unavailable.class);
            assertThat(System.nanoTime() - before).isBetween(TIMEOUT.toNanos(), 10 * TIMEOUT.toNanos());

            before = System.nanoTime();
            assertThat(new Appends().append(appender, BYTES, 5).await().failures())
                    .hasSize(5);
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));
            appender.close();

            kafka.resume(1);
            awaitAnswer(log);
            try (Appender next = log.newAppender()) {
                Appends late = new Appends().append(next, BYTES, 20);
                assertThat(late.await().failures()).isEmpty();
                List<Long> offsets = late.offsets();
                assertThat(offsets.get(19)).isEqualTo(offsets.get(0) + 19);
                List<Integer> numbers = Reads.numbers(Reads.all(log, LogPosition.START));
                // What failed may be there, but only from its beginning, and nothing that was appended behind it.
                assertThat(numbers.size()).isBetween(30, 330);
                assertThat(numbers.subList(0, 10)).isSorted();
                System.out.println(numbers.size() - 30 + " of 300 failed records are in the log");
            }
        }
    }

    /** Until the broker is back: it may first have to be let in again by the controller, its own or not. */
    private static void awaitAnswer(KafkaEventLog log) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (true) {
            try {
                Reads.read(log, LogPosition.START);
                return;
            } catch (LogException e) {
                assertThat(System.nanoTime()).as(e.getMessage()).isLessThan(deadline);
            }
        }
    }

    @Test
    void aNewLogsFirstRecordWaitsForTheBrokerAndNoLonger(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.one(folder));
                KafkaLogs logs = KafkaLogs.connect(settings(kafka))) {
            KafkaEventLog log = Kafka.newLog(logs);
            kafka.pause(1);
            Appender appender = log.newAppender();
            long before = System.nanoTime();
            Appends appends = new Appends().append(appender, BYTES, 50);
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));
            assertThat(appends.await().failures()).hasSize(50).hasOnlyElementsOfType(LogException.Unavailable.class);
            assertThat(System.nanoTime() - before).isGreaterThan(TIMEOUT.toNanos());
            kafka.resume(1);
            appender.close();
            try (Appender next = log.newAppender()) {
                new Appends().append(next, BYTES, 50).await().assertContiguousFrom(0);
            }
        }
    }

    private static KafkaSettings settings(EmbeddedKafka kafka) {
        return KafkaSettings.of("test", kafka.bootstrapServers())
                .withAdminTimeout(TIMEOUT)
                .with(ProducerSettings.standard().withDeliveryTimeout(TIMEOUT));
    }
}
