package io.qedstore.fold;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one image's log on and on, and hands the events that count to a sink, no faster than the sink wants them.
 *
 * <p>A log that does not answer is asked again at the next {@link #tick}. Anything else that is wrong with it ends the
 * following by name. All methods may be called by any thread; none waits.
 */
public final class LogFollower {
    private static final int FORGOTTEN_EVERY = 1000;

    private final EventLog log;
    private final Fold fold;
    private final FoldSink sink;
    private final Listener listener;
    private final Object lock = new Object();

    private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);

    /** Whether the log was seen to hold what it must. */
    private boolean confirmed;

    private boolean reading;

    /** The last read had nothing: the next one may wait. */
    private boolean wasEmpty;

    private boolean paused;
    private boolean stopped;
    private long seenRecords;
    private long seenBytes;
    private long endOffset;
    private @Nullable LogException waitingFor;

    /** Hears how it goes. Called by the thread that reads, while the follower's lock is held: must not wait. */
    public interface Listener {
        /** All that the log had at the last read was handed on. */
        void caughtUp(FoldState state);

        /** The log cannot be followed any further: a {@link LogException} where that is its own fault. Called once. */
        void failed(IOException cause);

        /** A batch was handed on. Returns whether there is room for another; if not, {@link #resume} goes on. */
        default boolean hasRoom() {
            return true;
        }
    }

    /**
     * How far a follower is.
     *
     * @param state behind the last record that was folded
     * @param endOffset one behind the last record that the log had when it was last looked at
     * @param counts how many records had which worth
     * @param usualRecordBytes the mean of the records that were read last
     * @param waitingFor why the log does not answer now; null if it does
     */
    public record Status(
            FoldState state,
            long endOffset,
            Map<Verdict, Long> counts,
            long usualRecordBytes,
            @Nullable LogException waitingFor) {
        public Status {
            counts = Map.copyOf(counts);
        }

        /** Whether an event of the open epoch is missing: nothing will count before somebody claims the image again. */
        public boolean isWaitingForClaim() {
            return state.epochStatus() == EpochStatus.BROKEN;
        }

        /** Records that were not folded yet. */
        public long lagRecords() {
            return Math.max(0, endOffset - state.position().nextOffset());
        }

        /** About how many bytes those have. */
        public long lagBytes() {
            return lagRecords() * usualRecordBytes;
        }
    }

    /** @param fold where the sink's file has certainly come to */
    public LogFollower(EventLog log, Fold fold, FoldSink sink, Listener listener) {
        this.log = log;
        this.fold = fold;
        this.sink = sink;
        this.listener = listener;
    }

    /** Begins, or goes on where there was no room. */
    public void resume() {
        synchronized (lock) {
            paused = false;
            try {
                fold.requireTopic(log.topicId());
            } catch (LogException.Recreated e) {
                if (!stopped) {
                    fail(e);
                }
                return;
            }
            read();
        }
    }

    /** Asks a log again that did not answer. */
    public void tick() {
        synchronized (lock) {
            if (waitingFor != null) {
                read();
            }
        }
    }

    /** Looks how far the log goes while there is no room for what it has. Waits for the brokers. */
    public void lookAhead() throws LogException {
        synchronized (lock) {
            if (!paused || stopped) {
                return;
            }
        }
        long end = log.endOffset();
        synchronized (lock) {
            endOffset = Math.max(endOffset, end);
        }
    }

    /** Hands nothing on any more, once it returns. */
    public void stop() {
        synchronized (lock) {
            stopped = true;
        }
    }

    /** For whoever goes on from here. */
    public FoldTip tip() {
        synchronized (lock) {
            return fold.tip();
        }
    }

    public Status status() {
        synchronized (lock) {
            return new Status(fold.state(), endOffset, counts, seenBytes / Math.max(1, seenRecords), waitingFor);
        }
    }

    private void read() {
        if (reading || paused || stopped) {
            return;
        }
        reading = true;
        if (!confirmed) {
            StillThere.ask(log, fold.tip(), new Confirmation());
            return;
        }
        EventLog.AtEnd atEnd = wasEmpty ? EventLog.AtEnd.WAIT : EventLog.AtEnd.ANSWER;
        log.read(fold.position(), atEnd, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                synchronized (lock) {
                    reading = false;
                    if (!stopped) {
                        taken(batch);
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    reading = false;
                    if (!stopped) {
                        readFailed(cause);
                    }
                }
            }
        });
    }

    private final class Confirmation implements StillThere.Answer {
        @Override
        public void yes(FoldState seen) {
            synchronized (lock) {
                fold.confirm(seen);
                confirmed = true;
                reading = false;
                read();
            }
        }

        @Override
        public void no(LogException cause) {
            unanswered(cause);
        }

        @Override
        public void unanswered(LogException cause) {
            synchronized (lock) {
                reading = false;
                if (!stopped) {
                    readFailed(cause);
                }
            }
        }
    }

    private void readFailed(LogException cause) {
        if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
            waitingFor = cause;
        } else {
            fail(cause);
        }
    }

    private void fail(IOException cause) {
        stopped = true;
        listener.failed(cause);
    }

    private void taken(LogBatch batch) {
        waitingFor = null;
        wasEmpty = batch.records().isEmpty();
        endOffset = batch.endOffset();
        try {
            for (StoredRecord stored : batch.records()) {
                take(stored);
            }
            if (fold.nextOffset() >= endOffset) {
                listener.caughtUp(fold.state());
            }
            paused = !listener.hasRoom();
        } catch (LogException e) {
            fail(e);
            return;
        } catch (RuntimeException e) {
            fail(new IOException(
                    "what lies before offset " + fold.nextOffset() + " could not be handed on; please report this: "
                            + e,
                    e));
            return;
        }
        read();
    }

    private void take(StoredRecord stored) throws LogException {
        if (seenRecords == FORGOTTEN_EVERY) {
            seenRecords /= 2;
            seenBytes /= 2;
        }
        seenRecords++;
        seenBytes += stored.bytes().remaining();
        Fold.Judged judged = fold.next(stored);
        counts.merge(judged.verdict(), 1L, Long::sum);
        switch (judged.verdict()) {
            case APPLIED -> sink.folded(judged.toApply().orElseThrow(), fold.state());
            case OPENED, RELEASED, TOO_HIGH, WRONG_DIGEST, LEASED, LOST_CLAIM, OTHER_EPOCH, DUPLICATE, JUNK -> {}
        }
    }
}
