package io.qedstore.rebuild;

import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Verdict;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Applies the events of a log to a file, from a place at which the file certainly was, up to an event. What lies in the file from
 * events between does no harm: an event says where each byte goes.
 *
 * <p>One thread, which waits for the log.
 */
public final class Redo {
    private final EventLog log;
    private final Fold fold;
    private final ImageFile file;
    private final Duration patience;
    private FoldState reached;

    /**
     * @param from where the file is
     * @param patience how long the log may give no answer
     */
    public Redo(EventLog log, FoldState from, ImageFile file, Duration patience) {
        this.log = log;
        this.fold = new Fold(from);
        this.file = file;
        this.patience = patience;
        this.reached = from;
    }

    /** Says after each event whether to go on, and hears of it. */
    @FunctionalInterface
    public interface Until {
        /**
         * @param next the event that comes
         * @return whether it is beyond what is wanted; it is not applied then
         */
        boolean isBeyond(Event next);
    }

    /**
     * Applies all up to an event.
     *
     * @throws LogException.Truncated if the log ends before it
     */
    public FoldState upTo(Sequence last) throws IOException {
        if (reached.sequence().compareTo(last) < 0) {
            run(next -> next.sequence().compareTo(last) > 0, last);
        }
        if (reached.sequence().compareTo(last) < 0) {
            throw new LogException.Truncated("the log of image " + reached.image() + " ends at event "
                    + reached.sequence() + ", expected event " + last);
        }
        return reached;
    }

    /** Applies all that comes before the first event that is beyond what is wanted, or before the log's end. */
    public FoldState until(Until until) throws IOException {
        run(until, null);
        return reached;
    }

    private void run(Until until, @Nullable Sequence last) throws IOException {
        fold.requireTopic(log.topicId());
        while (true) {
            LogBatch batch = read();
            for (StoredRecord stored : batch.records()) {
                Fold.Judged judged = fold.next(stored);
                if (judged.verdict() == Verdict.APPLIED) {
                    Event event = judged.toApply().orElseThrow();
                    if (until.isBeyond(event)) {
                        return;
                    }
                    apply(event);
                    reached = fold.state();
                    if (event.sequence().equals(last)) {
                        return;
                    }
                }
            }
            if (fold.nextOffset() >= batch.endOffset()) {
                return;
            }
        }
    }

    private void apply(Event event) throws IOException {
        for (QedChange change : event.body().changes()) {
            change.applyTo(file);
        }
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
            throw new LogException.Unavailable("the log of image " + reached.image() + " gave no answer for "
                    + patience.toSeconds() + " s at offset " + fold.nextOffset());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading the log of image " + reached.image());
        }
    }
}
