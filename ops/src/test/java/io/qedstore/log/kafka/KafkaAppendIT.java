package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.EventLog;
import io.qedstore.log.EventLog.AppendCallback;
import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Appending, while the broker is well. */
@Tag("kafka")
class KafkaAppendIT {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** One lane, so that all logs share a producer. */
    private final KafkaSettings settings =
            Kafka.shared().with(ProducerSettings.standard().withImages(1, 1));

    private final KafkaLogs logs = KafkaLogs.connect(settings);
    private final KafkaEventLog log = Kafka.newLog(logs);

    KafkaAppendIT() throws IOException, InterruptedException {}

    @AfterEach
    void close() {
        logs.close();
    }

    @Test
    void offsetsFollowEachOther() throws Exception {
        try (Appender appender = log.newAppender()) {
            Appends appends = new Appends();
            for (int i = 0; i < 50; i++) {
                appends.append(appender, 100, 1).await();
            }
            appends.append(appender, 4 * KIB, 1000).await();
            appends.assertContiguousFrom(0);
        }
        assertThat(Reads.numbers(Reads.all(log, LogPosition.START)))
                .hasSize(1050)
                .isSorted();
    }

    @Test
    void aLaterAppenderGoesOn() throws Exception {
        try (Appender appender = log.newAppender()) {
            new Appends().append(appender, 10, 5).await().assertContiguousFrom(0);
        }
        try (Appender appender = log.newAppender()) {
            new Appends().append(appender, 10, 5).await().assertContiguousFrom(5);
        }
    }

    @Test
    void aForeignRecordIsSeenAsAGap() throws Exception {
        try (Appender appender = log.newAppender()) {
            new Appends().append(appender, 10, 3).await().assertContiguousFrom(0);
            Kafka.writeForeign(settings, log.name());
            new Appends().append(appender, 10, 3).await().assertContiguousFrom(4);
        }
    }

    @Test
    void moreThanTheBufferHoldsWaits() throws Exception {
        try (Appender appender = log.newAppender()) {
            new Appends().append(appender, MIB, 150).await().assertContiguousFrom(0);
        }
    }

    @Test
    void manyLogsShareTheBuffer() throws Exception {
        List<Appender> appenders = new ArrayList<>();
        List<Appends> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            appenders.add(Kafka.newLog(logs).newAppender());
            all.add(new Appends());
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < appenders.size(); i++) {
                all.get(i).append(appenders.get(i), 100);
            }
        }
        for (Appends appends : all) {
            appends.await().assertContiguousFrom(0);
        }
        appenders.forEach(Appender::close);
    }

    @Test
    void theLargestRecordIsTakenAndALargerOneFailsItsAppenderAlone() throws Exception {
        KafkaEventLog other = Kafka.newLog(logs);
        Appender neighbour = other.newAppender();
        Appends neighbours = new Appends().append(neighbour, 4 * KIB, 200);
        Appender appender = log.newAppender();
        Appends appends = new Appends()
                .append(appender, LogSettings.MAX_RECORD_BYTES, 2)
                .append(appender, LogSettings.MAX_RECORD_BYTES + 1, 1)
                .append(appender, 10, 1)
                .await();
        assertThat(appends.offsets()).containsExactly(0L, 1L);
        assertThat(appends.failures()).hasSize(2).hasOnlyElementsOfType(LogException.Refused.class);
        appender.close();
        neighbours.append(neighbour, 4 * KIB, 200).await().assertContiguousFrom(0);
        neighbour.close();
        assertThat(Reads.all(log, LogPosition.START)).hasSize(2);
    }

    @Test
    void appendsMayBeMadeInCallbacks() throws Exception {
        CountDownLatch done = new CountDownLatch(200);
        try (Appender appender = log.newAppender()) {
            appender.append(new byte[10], new Chain(appender, done));
            assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(log.range().endOffset()).isEqualTo(200);
    }

    private record Chain(Appender appender, CountDownLatch left) implements AppendCallback {
        @Override
        public void appended(long offset) {
            left.countDown();
            if (left.getCount() > 0) {
                appender.append(new byte[10], this);
            }
        }

        @Override
        public void failed(LogException cause) {
            throw new AssertionError(cause);
        }
    }

    @Test
    void aClosedAppenderFails() throws Exception {
        Appender appender = log.newAppender();
        appender.close();
        appender.close();
        assertThat(new Appends().append(appender, 10, 2).await().failures())
                .hasSize(2)
                .hasOnlyElementsOfType(LogException.Unavailable.class);
    }

    /** The deliberate bug: an appender that looks only at offsets' order, not at the topic's id. */
    @Test
    void aTopicThatWasMadeAgainBeginsAtZero() throws Exception {
        try (Appender appender = log.newAppender()) {
            new Appends().append(appender, 10, 5).await().assertContiguousFrom(0);
            logs.delete(log.name(), log.topicId());
            logs.create(log.name(), Kafka.FAST);
            new Appends().append(appender, 10, 1).await().assertContiguousFrom(0);
        }
        assertThatThrownBy(() -> Reads.read(log, LogPosition.START)).isInstanceOf(LogException.Recreated.class);
    }

    @Test
    void packedRecordsAreReadAsTheyWere() throws Exception {
        EventLog packed;
        try (KafkaLogs others =
                KafkaLogs.connect(settings.with(ProducerSettings.standard().withCompression("lz4")))) {
            packed = Kafka.newLog(others);
            try (Appender appender = packed.newAppender()) {
                new Appends().append(appender, 64 * KIB, 50).await().assertContiguousFrom(0);
            }
            assertThat(Reads.numbers(Reads.all(packed, LogPosition.START)))
                    .hasSize(50)
                    .isSorted();
        }
    }
}
