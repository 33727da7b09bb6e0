package io.qedstore.owner;

import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Place;
import io.qedstore.fold.StillThere;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import java.util.OptionalInt;

/**
 * Makes sure, every now and then, that a log holds what its owner was told that it holds. A log that has lost its end and got as
 * many other records since shows no gap to the one who appends.
 *
 * <p>While one broker leads, a log only grows. So a look at the last record is enough, as long as the same broker leads as at
 * the last look; after a change all that was acknowledged since then is read and folded. Guarded by the owner's lock.
 */
final class LookBack {
    private final EventLog log;
    private final Fold fold;
    private final Object lock;
    private final Listener listener;

    /** Up to here the log holds what the fold says. */
    private FoldState trusted;

    private boolean looking;

    /** Hears what was found. Called while the lock is held. */
    interface Listener {
        /** The log does not hold what was acknowledged. */
        void lost(LogException cause);
    }

    LookBack(EventLog log, Fold fold, Object lock, Listener listener) {
        this.log = log;
        this.fold = fold;
        this.lock = lock;
        this.listener = listener;
        this.trusted = fold.state();
    }

    /** Everything up to here was read. */
    void trust(FoldState read) {
        trusted = read;
    }

    /** Looks, unless it is at it. */
    void look() {
        if (looking || fold.lastRecord().isEmpty()) {
            return;
        }
        looking = true;
        Place last = fold.lastRecord().get();
        FoldState told = fold.state();
        StillThere.ask(log, last, new StillThere.Answer() {
            @Override
            public void yes(OptionalInt leaderEpoch) {
                synchronized (lock) {
                    fold.seen(last, leaderEpoch);
                    boolean isBehind =
                            told.position().nextOffset() > trusted.position().nextOffset();
                    if (!isBehind || leaderEpoch.equals(trusted.position().leaderEpoch())) {
                        done(told, leaderEpoch);
                    } else {
                        reread(new Fold(trusted), told, leaderEpoch);
                    }
                }
            }

            @Override
            public void no(LogException cause) {
                synchronized (lock) {
                    listener.lost(cause);
                }
            }

            @Override
            public void unanswered(LogException cause) {
                synchronized (lock) {
                    looking = false; // the next append will tell
                }
            }
        });
    }

    private void done(FoldState told, OptionalInt leaderEpoch) {
        looking = false;
        if (told.position().nextOffset() > trusted.position().nextOffset()) {
            trusted = told.readIn(leaderEpoch);
        }
    }

    /** Another broker leads: folds again what was acknowledged since. */
    private void reread(Fold again, FoldState told, OptionalInt leaderEpoch) {
        if (again.nextOffset() >= told.position().nextOffset()) {
            if (again.state().isSame(told)) {
                done(told, leaderEpoch);
            } else {
                listener.lost(new LogException.Truncated("the log says that event "
                        + again.state().sequence()
                        + " is the last before offset " + told.position().nextOffset() + ", expected event "
                        + told.sequence() + ", which was acknowledged: it has lost records DBG " + again.state()
                        + " TOLD " + told));
            }
            return;
        }
        log.read(again.position(), EventLog.AtEnd.WAIT, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                synchronized (lock) {
                    try {
                        for (StoredRecord stored : batch.records()) {
                            if (stored.offset() < told.position().nextOffset()) {
                                again.next(stored);
                            }
                        }
                        reread(again, told, leaderEpoch);
                    } catch (LogException e) {
                        listener.lost(e);
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
                        looking = false;
                    } else if (cause instanceof LogException.Gap) {
                        done(told, leaderEpoch); // deleted on purpose, as all that is old
                    } else {
                        listener.lost(cause);
                    }
                }
            }
        });
    }
}
