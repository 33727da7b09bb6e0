package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog;
import io.qedstore.log.EventLog.AppendCallback;
import io.qedstore.log.LogException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Appends records that are numbered, and keeps what became of each. For any thread. */
final class Appends {
    private static final long DEADLINE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final List<Outcome> outcomes = new ArrayList<>();
    private int waiting;
    private boolean reportedTwice;
    private boolean outOfOrder;
    private int lastReported = -1;

    /** The number of a record, and as many bytes as are wanted. */
    static byte[] record(int number, int bytes) {
        return ByteBuffer.allocate(Math.max(bytes, Integer.BYTES))
                .putInt(number)
                .array();
    }

    void append(EventLog.Appender appender, int bytes) {
        int number;
        synchronized (this) {
            number = outcomes.size();
            outcomes.add(new Outcome());
            waiting++;
        }
        appender.append(record(number, bytes), new AppendCallback() {
            @Override
            public void appended(long offset) {
                report(number, offset, null);
            }

            @Override
            public void failed(LogException cause) {
                report(number, -1, cause);
            }
        });
    }

    /** Appends several and does not wait. */
    Appends append(EventLog.Appender appender, int bytes, int records) {
        for (int i = 0; i < records; i++) {
            append(appender, bytes);
        }
        return this;
    }

    private synchronized void report(int number, long offset, @Nullable LogException cause) {
        Outcome outcome = outcomes.get(number);
        reportedTwice |= outcome.reported;
        outOfOrder |= number != lastReported + 1;
        lastReported = number;
        outcome.reported = true;
        outcome.offset = offset;
        outcome.cause = cause;
        waiting--;
        notifyAll();
    }

    synchronized Appends await() throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (waiting > 0) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            assertThat(leftMs)
                    .as("%s of %s without an answer", waiting, outcomes.size())
                    .isPositive();
            wait(leftMs);
        }
        assertThat(reportedTwice).as("some were reported twice").isFalse();
        assertThat(outOfOrder).as("some were reported out of order").isFalse();
        return this;
    }

    /** Waits for the first failure; null if all succeed. */
    @Nullable
    LogException awaitFailure() throws InterruptedException {
        synchronized (this) {
            long deadline = System.nanoTime() + DEADLINE_NANOS;
            while (waiting > 0 && failures().isEmpty()) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                assertThat(leftMs).as("no failure").isPositive();
                wait(leftMs);
            }
            return failures().isEmpty() ? null : failures().get(0);
        }
    }

    synchronized int waiting() {
        return waiting;
    }

    /** What the first appends got; behind them there must be failures only. */
    synchronized List<Long> offsets() {
        List<Long> offsets = new ArrayList<>();
        boolean failed = false;
        for (Outcome outcome : outcomes) {
            failed |= outcome.cause != null;
            assertThat(failed && outcome.cause == null)
                    .as("success behind a failure")
                    .isFalse();
            if (!failed) {
                offsets.add(outcome.offset);
            }
        }
        return offsets;
    }

    synchronized List<LogException> failures() {
        return outcomes.stream()
                .map(outcome -> outcome.cause)
                .filter(Objects::nonNull)
                .toList();
    }

    /** All came to be there, one behind the other. */
    void assertContiguousFrom(long offset) {
        assertThat(failures()).isEmpty();
        assertThat(offsets())
                .containsExactlyElementsOf(LongStream.range(offset, offset + outcomes.size())
                        .boxed()
                        .toList());
    }

    private static final class Outcome {
        private boolean reported;
        private long offset;
        private @Nullable LogException cause;
    }
}
