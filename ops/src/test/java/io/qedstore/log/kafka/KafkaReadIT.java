package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.EventLog.Appender;
import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reading, while the broker is well. */
@Tag("kafka")
class KafkaReadIT {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final KafkaSettings settings =
            Kafka.shared().with(ReaderSettings.standard().withReaders(1));
    private final KafkaLogs logs = KafkaLogs.connect(settings);
    private final KafkaEventLog log = Kafka.newLog(logs);
    private final Appender appender = log.newAppender();

    KafkaReadIT() throws IOException, InterruptedException {}

    @AfterEach
    void close() {
        appender.close();
        logs.close();
    }

    private static LogPosition at(long offset) {
        return new LogPosition(offset, OptionalInt.empty());
    }

    private void append(int bytes, int records) throws InterruptedException {
        assertThat(new Appends().append(appender, bytes, records).await().failures())
                .isEmpty();
    }

    @Test
    void allIsReadInOrder() throws Exception {
        append(4096, 3000);
        List<StoredRecord> records = Reads.all(log, LogPosition.START);
        assertThat(Reads.numbers(records)).hasSize(3000).isSorted();
        assertThat(records.get(7).offset()).isEqualTo(7);
        assertThat(records.get(7).leaderEpoch()).hasValue(0);
        assertThat(records.get(7).bytes().remaining()).isEqualTo(4096);
        assertThat(Reads.numbers(Reads.all(log, LogPosition.after(records.get(2989)))))
                .containsExactly(2990, 2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999);
    }

    @Test
    void oneReadBringsNoMoreThanWasSet() throws Exception {
        append(64 << 10, 100);
        LogBatch batch = Reads.read(log, LogPosition.START);
        long bytes = batch.records().stream()
                .mapToLong(record -> record.bytes().remaining())
                .sum();
        assertThat(bytes).isBetween(1L, settings.readers().batchBytes() + (64L << 10));
        assertThat(batch.endOffset()).isEqualTo(100);
    }

    @Test
    void aReadAtTheEndComesBackEmptyAndKnowsTheEnd() throws Exception {
        assertThat(Reads.read(log, LogPosition.START)).isEqualTo(new LogBatch(List.of(), 0));
        append(10, 5);
        assertThat(Reads.read(log, at(5))).isEqualTo(new LogBatch(List.of(), 5));
    }

    @Test
    void aReadThatWaitsGetsTheNextRecord() throws Exception {
        try (KafkaLogs patient =
                KafkaLogs.connect(settings.with(ReaderSettings.standard().withReadWait(LONG)))) {
            CompletableFuture<LogBatch> answer = Reads.start(patient.open(log.name(), Kafka.FAST), at(0));
            append(10, 1);
            assertThat(answer.get(30, TimeUnit.SECONDS).records()).hasSize(1);
        }
    }

    @Test
    void aReadThatDoesNotWaitIsAnsweredAtTheEndAtOnce() throws Exception {
        try (KafkaLogs patient =
                KafkaLogs.connect(settings.with(ReaderSettings.standard().withReadWait(LONG)))) {
            KafkaEventLog read = patient.open(log.name(), Kafka.FAST);
            for (int end = 0; end < 3; end++) {
                assertThat(Reads.start(read, at(end), AtEnd.ANSWER).get(30, TimeUnit.SECONDS))
                        .isEqualTo(new LogBatch(List.of(), end));
                append(10, 1);
                assertThat(Reads.start(read, at(end), AtEnd.ANSWER)
                                .get(30, TimeUnit.SECONDS)
                                .records())
                        .hasSize(1);
            }
        }
    }

    /** The deliberate bug: no wakeup, so that the second read waits for the poll of the first. */
    @Test
    void aReadDoesNotWaitForThoseOfOtherLogs() throws Exception {
        append(10, 8);
        try (KafkaLogs patient = KafkaLogs.connect(
                settings.with(ReaderSettings.standard().withReaders(1).withReadWait(LONG)))) {
            KafkaEventLog silent = Kafka.newLog(patient);
            CompletableFuture<LogBatch> never = Reads.start(silent, at(0));
            KafkaEventLog other = patient.open(log.name(), Kafka.FAST);
            Appender elsewhere = Kafka.newLog(logs).newAppender();
            List<Long> took = new ArrayList<>();
            for (int offset = 0; offset < 9; offset++) {
                // Takes a while, so that the poll is under way, and brings it nothing.
                new Appends().append(elsewhere, 10, 1).await();
                long before = System.nanoTime();
                assertThat(Reads.read(other, at(offset % 5)).records()).isNotEmpty();
                took.add(System.nanoTime() - before);
            }
            Collections.sort(took);
            assertThat(took.get(4)).isLessThan(TimeUnit.MILLISECONDS.toNanos(400));
            assertThat(never).isNotDone();
        }
    }

    @Test
    void twoThatReadTheSameLogDoNotDisturbEachOther() throws Exception {
        append(4096, 500);
        KafkaEventLog other = logs.open(log.name(), Kafka.FAST);
        for (int round = 0; round < 10; round++) {
            CompletableFuture<LogBatch> first = Reads.start(log, at(0));
            CompletableFuture<LogBatch> second = Reads.start(other, at(400));
            CompletableFuture<LogBatch> third = Reads.start(log, at(499));
            assertBeginsAt(first, 0);
            assertBeginsAt(second, 400);
            assertBeginsAt(third, 499);
        }
        assertThat(Reads.all(other, at(0))).hasSize(500);
    }

    /** A read may come back empty. */
    private static void assertBeginsAt(CompletableFuture<LogBatch> answer, long offset) throws Exception {
        assertThat(Reads.await(answer).records().stream().limit(1)).allMatch(record -> record.offset() == offset);
    }

    @Test
    void whatWasDeletedIsAGap() throws Exception {
        append(10, 100);
        assertThat(Reads.read(log, at(0)).records()).hasSize(100);
        log.deleteBefore(60);
        assertThat(log.range()).isEqualTo(new KafkaEventLog.LogRange(60, 100));
        assertThatThrownBy(() -> Reads.read(log, at(10)))
                .isInstanceOf(LogException.Gap.class)
                .hasMessageContaining("begins at offset 60, expected 10");
        assertThat(Reads.read(log, at(60)).records()).hasSize(40);
        assertThatThrownBy(() -> log.deleteBefore(101)).isInstanceOf(LogException.Refused.class);
    }

    @Test
    void aReaderThatWasOvertakenByDeletionIsTold() throws Exception {
        append(1 << 20, 20);
        LogBatch batch = Reads.read(log, at(0));
        log.deleteBefore(20);
        LogPosition next = LogPosition.after(batch.records().get(batch.records().size() - 1));
        assertThatThrownBy(() -> Reads.all(log, next)).isInstanceOf(LogException.Gap.class);
    }

    @Test
    void aPositionBehindTheEndMeansThatRecordsAreLost() throws Exception {
        append(10, 10);
        assertThatThrownBy(() -> Reads.read(log, at(11)))
                .isInstanceOf(LogException.Truncated.class)
                .hasMessageContaining("ends at offset 10, expected 11");
        assertThatThrownBy(() -> Reads.read(log, new LogPosition(11, OptionalInt.of(0))))
                .isInstanceOf(LogException.Truncated.class)
                .hasMessageContaining("at offset 10");
        assertThat(Reads.read(log, at(0)).records()).hasSize(10);
    }

    /** The deliberate bug: a reader that goes by the name alone. */
    @Test
    void aTopicThatWasMadeAgainIsNoticed() throws Exception {
        append(10, 10);
        assertThat(Reads.read(log, at(0)).records()).hasSize(10);
        logs.delete(log.name(), log.topicId());
        assertThatThrownBy(() -> {
                    while (true) {
                        Reads.read(log, at(10));
                    }
                })
                .isInstanceOf(LogException.Missing.class);
        TopicId again = logs.create(log.name(), Kafka.FAST);
        assertThatThrownBy(() -> Reads.read(log, at(10)))
                .isInstanceOf(LogException.Recreated.class)
                .hasMessageContaining(again.toString())
                .hasMessageContaining(log.topicId().toString());
        assertThatThrownBy(() -> Reads.read(log, at(0))).isInstanceOf(LogException.Recreated.class);
        assertThat(Reads.read(logs.open(log.name(), Kafka.FAST), at(0)).records())
                .isEmpty();
    }

    @Test
    void aLogThatWasLetGoIsReadAgain() throws Exception {
        append(10, 10);
        try (KafkaLogs forgetful = KafkaLogs.connect(
                settings.with(ReaderSettings.standard().withReaders(1).withIdle(Duration.ofMillis(50))))) {
            KafkaEventLog same = forgetful.open(log.name(), Kafka.FAST);
            KafkaEventLog other = Kafka.newLog(forgetful);
            LogBatch batch = Reads.read(same, at(0));
            assertThat(batch.records()).hasSize(10);
            append(10, 5);
            for (int i = 0; i < 3; i++) {
                Reads.read(other, at(0));
            }
            assertThat(Reads.read(same, LogPosition.after(batch.records().get(9)))
                            .records())
                    .hasSize(5);
        }
    }

    @Test
    void readsThatWaitFailWhenTheLogsAreClosed() throws Exception {
        KafkaLogs patient =
                KafkaLogs.connect(settings.with(ReaderSettings.standard().withReadWait(LONG)));
        KafkaEventLog same = patient.open(log.name(), Kafka.FAST);
        CompletableFuture<LogBatch> before = Reads.start(same, at(0));
        patient.close();
        assertThatThrownBy(() -> Reads.await(before)).isInstanceOf(LogException.Unavailable.class);
        assertThatThrownBy(() -> Reads.read(same, at(0))).isInstanceOf(LogException.Unavailable.class);
    }
}
