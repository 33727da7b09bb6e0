package io.qedstore.log.kafka;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.EventLog.ReadCallback;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What reads from the beginning of a log have brought. */
final class CollectedReads implements ReadCallback {
    private final List<LogBatch> batches = new CopyOnWriteArrayList<>();
    private final List<LogException> failures = new CopyOnWriteArrayList<>();

    Read next(TopicId topicId, AtEnd atEnd) {
        return new Read(new LogName("t"), topicId, LogPosition.START, System.nanoTime(), atEnd, this);
    }

    List<LogBatch> batches() {
        return batches;
    }

    List<LogException> failures() {
        return failures;
    }

    int answers() {
        return batches.size() + failures.size();
    }

    /** @return whether so many answers came in time */
    synchronized boolean await(int answers, Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        for (long left = deadline.toNanos(); answers() < answers && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return answers() >= answers;
    }

    @Override
    public synchronized void read(LogBatch batch) {
        batches.add(batch);
        notifyAll();
    }

    @Override
    public synchronized void failed(LogException cause) {
        failures.add(cause);
        notifyAll();
    }
}
