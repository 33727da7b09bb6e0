package io.qedstore.rebuild;

import io.qedstore.event.LogRecord.Event;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads the events of a log that count, one after another, from a place up to its end. One thread, which waits for the log. */
public final class LogWalk {
    private final EventLog log;
    private final Fold fold;
    private final Duration patience;
    private long readBytes;

    /** @param patience how long the log may give no answer */
    public LogWalk(EventLog log, FoldState from, Duration patience) {
        this.log = log;
        this.fold = new Fold(from);
        this.patience = patience;
    }

    /** Is shown events. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param after where the fold is behind it
         * @return whether to go on
         */
        boolean next(Event event, FoldState after) throws IOException;
    }

    /** Is shown records, whatever they are worth. */
    @FunctionalInterface
    public interface RecordVisitor {
        /**
         * @param after where the fold is behind it
         * @return whether to go on
         */
        boolean next(StoredRecord stored, Fold.Judged judged, FoldState after) throws IOException;
    }

    /** Shows all events up to where the log ends now, or up to the one behind which the visitor wants no more. */
    public void walk(Visitor visitor) throws IOException {
        walkRecords((stored, judged, after) -> {
            Optional<Event> event = judged.toApply();
            return event.isEmpty() || visitor.next(event.get(), after);
        });
    }

    /** Shows all records up to where the log ends now, or up to the one behind which the visitor wants no more. */
    public void walkRecords(RecordVisitor visitor) throws IOException {
        fold.requireTopic(log.topicId());
        // Asked for once: the end that comes with records may be an old one, and a log that is written all the time has
        // none.
        long end = log.endOffset();
        long cameNanos = System.nanoTime();
        while (true) {
            LogBatch batch = read();
            for (StoredRecord stored : batch.records()) {
                Fold.Judged judged = fold.next(stored);
                readBytes += stored.bytes().remaining();
                if (!visitor.next(stored, judged, fold.state())) {
                    return;
                }
            }
            if (fold.nextOffset() >= end) {
                return;
            }
            // Slow brokers answer without records, too.
            if (!batch.records().isEmpty()) {
                cameNanos = System.nanoTime();
            } else if (System.nanoTime() - cameNanos > patience.toNanos()) {
                throw noAnswer();
            }
        }
    }

    /** Behind the last record that was read. */
    public FoldState state() {
        return fold.state();
    }

    /** Of all records so far, whatever they are worth. */
    public long readBytes() {
        return readBytes;
    }

    private LogBatch read() throws IOException {
        CompletableFuture<LogBatch> answer = new CompletableFuture<>();
        log.read(fold.position(), EventLog.AtEnd.ANSWER, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                answer.complete(batch);
            }

            @Override
            public void failed(LogException cause) {
                answer.completeExceptionally(cause);
            }
        });
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw noAnswer();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading the log of " + image());
        }
    }

    private LogException.Unavailable noAnswer() {
        return new LogException.Unavailable("the log of " + image() + " gave no answer for " + patience.toSeconds()
                + " s at offset " + fold.nextOffset());
    }

    private String image() {
        return "image " + fold.head(fold.epoch()).image();
    }
}
