package io.qedstore.owner;

import io.qedstore.fold.Fold;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reads the end of an owner's log and folds it, as everybody does.
 *
 * <p>Before the first record it makes sure that the log is still the one that it was: that it reaches as far as it must, and
 * that the record folded last is still in its place. Guarded by the owner's lock.
 */
class TailReader {
    private final EventLog log;
    private final Fold fold;
    private final Object lock;
    private final Listener listener;

    /** Results of earlier reads are not looked at. */
    private long generation;

    private boolean wanted;

    /** Fold up to and with this record; null for the end that the log has. */
    private @Nullable Long upTo;

    /** A place up to which the log must reach, until that was asked. */
    private @Nullable LogPosition reach;

    /** Whether it has to be looked up that the last known record is still there. */
    private boolean verifying;

    private boolean lookingBack;

    /** Hears what was read. Called while the lock is held. */
    interface Listener {
        /** A record was folded. May cancel the reading. */
        void took(Fold.Judged judged);

        /** All that was to be read is folded. */
        void reached();

        /** The log does not answer; {@link TailReader#retry} asks again. */
        void unanswered(LogException cause);

        /** The log cannot be relied on any more. */
        void lost(LogException cause);
    }

    /** @param reach up to where the log must reach at least, if it has lost nothing */
    TailReader(EventLog log, Fold fold, LogPosition reach, Object lock, Listener listener) {
        this.log = log;
        this.fold = fold;
        this.reach = reach;
        this.lock = lock;
        this.listener = listener;
    }

    /** Reads up to the end that the log has when it is reached. */
    void readToEnd() {
        begin(null);
    }

    /** Reads up to the end, after something was not as it should be. */
    void checkToEnd() {
        reach = fold.position();
        verifying = fold.knowsLastRecord();
        begin(null);
    }

    /** Reads up to and with a record that is in the log. */
    void readUpTo(long offset) {
        begin(offset);
    }

    private void begin(@Nullable Long offset) {
        upTo = offset;
        wanted = true;
        read();
    }

    /** Whether a read was begun that has not reached its end. */
    boolean isReading() {
        return wanted;
    }

    /** Asks again after the log did not answer. */
    void retry() {
        read();
    }

    /**
     * Looks up once whether the last record is still in its place, whatever else goes on: a log that has lost its end and got
     * as many other records since shows no gap.
     */
    void lookBack() {
        if (lookingBack || !fold.knowsLastRecord()) {
            return;
        }
        lookingBack = true;
        Fold.Place last = fold.lastRecord();
        log.read(new LogPosition(last.offset(), OptionalInt.empty()), new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                synchronized (lock) {
                    lookingBack = false;
                    if (!batch.records().isEmpty()
                            && !last.holds(batch.records().get(0))) {
                        lost(replaced(last.offset()));
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    lookingBack = false;
                    if (cause instanceof LogException.Truncated || cause instanceof LogException.Recreated) {
                        lost(cause);
                    }
                }
            }
        });
    }

    private static LogException.Truncated replaced(long offset) {
        return new LogException.Truncated(
                "the log has another record at offset " + offset + " than the one that was acknowledged there");
    }

    /** Looks at nothing more. */
    void cancel() {
        wanted = false;
        generation++;
    }

    private void read() {
        generation++;
        long mine = generation;
        log.read(from(upTo), new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                synchronized (lock) {
                    if (mine == generation) {
                        taken(batch, mine);
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    if (mine == generation) {
                        readFailed(cause);
                    }
                }
            }
        });
    }

    /** Where the next read begins. */
    LogPosition from(@Nullable Long upToOffset) {
        LogPosition mustReach = reach;
        if (mustReach != null) {
            return mustReach;
        }
        return verifying ? new LogPosition(fold.nextOffset() - 1, OptionalInt.empty()) : fold.position();
    }

    private void readFailed(LogException cause) {
        if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
            listener.unanswered(cause);
        } else if (cause instanceof LogException.Gap && reach == null && verifying) {
            verifying = false; // what was folded long ago may be deleted
            read();
        } else {
            lost(cause);
        }
    }

    private void lost(LogException cause) {
        cancel();
        listener.lost(cause);
    }

    private void taken(LogBatch batch, long mine) {
        if (reach != null) {
            reach = null; // the log reaches there, or the read had failed
            read();
            return;
        }
        for (StoredRecord stored : batch.records()) {
            try {
                take(stored);
            } catch (LogException e) {
                lost(e);
                return;
            }
            if (mine != generation) {
                return;
            }
        }
        verifying = false; // if nothing came: after a change of leaders readers see less than there is, for a moment
        long end = upTo == null ? batch.endOffset() : upTo + 1;
        if (fold.nextOffset() >= end) {
            cancel();
            listener.reached();
        } else {
            read();
        }
    }

    private void take(StoredRecord stored) throws LogException {
        if (!verifying) {
            listener.took(fold.next(stored));
        } else if (fold.lastRecord().holds(stored)) {
            verifying = false;
        } else {
            throw replaced(stored.offset());
        }
    }
}
