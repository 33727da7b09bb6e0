package io.qedstore.owner;

import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.StillThere;
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

    /** Whether the log was seen to hold what it must. */
    private boolean confirmed;

    private boolean lookingBack;

    /** There was no room for more. */
    private boolean paused;

    /** Hears what was read. Called while the lock is held. */
    interface Listener {
        /** A record was folded. May cancel the reading. */
        void took(Fold.Judged judged);

        /** Whether more may be taken; if not, {@link TailReader#resume} asks again. */
        boolean hasRoom();

        /** All that was to be read is folded. */
        void reached();

        /** The log does not answer; {@link TailReader#retry} asks again. */
        void unanswered(LogException cause);

        /** The log cannot be relied on any more. */
        void lost(LogException cause);
    }

    TailReader(EventLog log, Fold fold, Object lock, Listener listener) {
        this.log = log;
        this.fold = fold;
        this.lock = lock;
        this.listener = listener;
    }

    /** Reads up to the end that the log has when it is reached. */
    void readToEnd() {
        begin(null);
    }

    /** Reads up to the end, after something was not as it should be. */
    void checkToEnd() {
        confirmed = false;
        begin(null);
    }

    /** Whoever has read until now knows that the log holds what it has to. */
    void trust() {
        confirmed = true;
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

    /** Goes on if there was no room for more, and is now. */
    void resume() {
        if (paused && listener.hasRoom()) {
            read();
        }
    }

    /** Asks again after the log did not answer. */
    void retry() {
        read();
    }

    /**
     * Makes sure that the log holds what was acknowledged: one that has lost its end, and got as many other records since, shows
     * no gap to the one who appends. No answer is no matter; the next append will tell.
     */
    void lookBack() {
        if (lookingBack) {
            return;
        }
        lookingBack = true;
        StillThere.ask(log, fold.tip(), new StillThere.Answer() {
            @Override
            public void yes(FoldState seen) {
                synchronized (lock) {
                    lookingBack = false;
                    fold.confirm(seen);
                }
            }

            @Override
            public void no(LogException cause) {
                synchronized (lock) {
                    lost(cause);
                }
            }

            @Override
            public void unanswered(LogException cause) {
                synchronized (lock) {
                    lookingBack = false;
                }
            }
        });
    }

    /**
     * Ends the reading, by the name that the log has for it.
     *
     * @param otherwise if it has none
     */
    void confirmLoss(LogException otherwise) {
        long mine = ++generation;
        StillThere.ask(log, fold.tip(), new StillThere.Answer() {
            @Override
            public void yes(FoldState seen) {
                no(otherwise);
            }

            @Override
            public void no(LogException cause) {
                synchronized (lock) {
                    if (mine == generation) {
                        lost(cause);
                    }
                }
            }

            @Override
            public void unanswered(LogException cause) {
                no(otherwise);
            }
        });
    }

    /** Looks at nothing more. */
    void cancel() {
        wanted = false;
        paused = false;
        generation++;
    }

    private void read() {
        paused = false;
        generation++;
        long mine = generation;
        if (!confirmed) {
            StillThere.ask(log, fold.tip(), new Confirmation(mine));
            return;
        }
        EventLog.AtEnd atEnd = upTo == null ? EventLog.AtEnd.ANSWER : EventLog.AtEnd.WAIT;
        log.read(fold.position(), atEnd, new EventLog.ReadCallback() {
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

    /** A record that was acknowledged does not come: it is not seen yet, or lost since. */
    private void confirmReach(long offset) {
        long mine = ++generation;
        log.read(new LogPosition(offset + 1, OptionalInt.empty()), EventLog.AtEnd.ANSWER, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                synchronized (lock) {
                    if (mine == generation) {
                        TailReader.this.read();
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

    private final class Confirmation implements StillThere.Answer {
        private final long mine;

        Confirmation(long mine) {
            this.mine = mine;
        }

        @Override
        public void yes(FoldState seen) {
            synchronized (lock) {
                if (mine == generation) {
                    fold.confirm(seen);
                    confirmed = true;
                    TailReader.this.read();
                }
            }
        }

        @Override
        public void no(LogException cause) {
            unanswered(cause);
        }

        @Override
        public void unanswered(LogException cause) {
            synchronized (lock) {
                if (mine == generation) {
                    readFailed(cause);
                }
            }
        }
    }

    private void readFailed(LogException cause) {
        if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
            listener.unanswered(cause);
        } else {
            lost(cause);
        }
    }

    private void lost(LogException cause) {
        cancel();
        listener.lost(cause);
    }

    private void taken(LogBatch batch, long mine) {
        for (StoredRecord stored : batch.records()) {
            try {
                listener.took(fold.next(stored));
            } catch (LogException e) {
                lost(e);
                return;
            }
            if (mine != generation) {
                return;
            }
        }
        long end = upTo == null ? batch.endOffset() : upTo + 1;
        if (fold.nextOffset() >= end) {
            cancel();
            listener.reached();
        } else if (batch.records().isEmpty() && upTo != null) {
            confirmReach(upTo);
        } else if (listener.hasRoom()) {
            read();
        } else {
            paused = true;
        }
    }
}
