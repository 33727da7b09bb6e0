package io.qedstore.fold;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.util.OptionalInt;

/**
 * Asks a log whether it still holds what was folded from it. A log that has lost its end may have got as many other records
 * since, so that no offset shows it; or its leader has changed, and readers see less than there is for a moment, which is no
 * loss.
 *
 * <p>While one broker leads, a log only grows. So a look at the last record is enough as long as the leader is the one in
 * whose time the log was read; after a change all that was only acknowledged since is read and folded.
 */
public final class StillThere {
    private final EventLog log;
    private final FoldTip tip;
    private final Answer answer;

    /** Exactly one of the methods is called, once, by any thread; must not wait. */
    public interface Answer {
        /** @param seen the state that was asked for, with what the log says of its leader */
        void yes(FoldState seen);

        /** The log has lost records, or is another. */
        void no(LogException cause);

        /** It does not answer. */
        void unanswered(LogException cause);
    }

    private StillThere(EventLog log, FoldTip tip, Answer answer) {
        this.log = log;
        this.tip = tip;
        this.answer = answer;
    }

    /** Asks. */
    public static void ask(EventLog log, FoldTip tip, Answer answer) {
        if (tip.last().isEmpty()) {
            answer.yes(tip.state());
        } else {
            new StillThere(log, tip, answer).askForEnd(tip.last().get());
        }
    }

    /** The log reaches behind the record, whatever part of it readers see. */
    private void askForEnd(Place last) {
        log.read(new LogPosition(last.offset() + 1, OptionalInt.empty()), EventLog.AtEnd.ANSWER, new Reading() {
            @Override
            public void read(LogBatch batch) {
                askForRecord(last);
            }
        });
    }

    private void askForRecord(Place last) {
        log.read(new LogPosition(last.offset(), OptionalInt.empty()), EventLog.AtEnd.WAIT, new Reading() {
            @Override
            public void read(LogBatch batch) {
                if (batch.records().isEmpty()) {
                    askForEnd(last); // it is not seen yet, or gone since
                } else if (last.holds(batch.records().get(0))) {
                    found(batch.records().get(0));
                } else {
                    answer.no(new LogException.Truncated("the log has another record at offset " + last.offset()
                            + " than the one that was acknowledged there"));
                }
            }
        });
    }

    private void found(StoredRecord last) {
        if (last.offset() != tip.state().position().nextOffset() - 1) {
            answer.yes(tip.state()); // what lies between will be read, or says nothing of the file
            return;
        }
        FoldState seen = tip.state().readIn(last.leaderEpoch());
        boolean sameLeader = last.leaderEpoch().equals(tip.read().position().leaderEpoch());
        if (tip.isAllRead() || sameLeader) {
            answer.yes(seen);
        } else {
            foldAgain(new Fold(tip.read()), seen);
        }
    }

    private void foldAgain(Fold again, FoldState seen) {
        if (again.nextOffset() >= seen.position().nextOffset()) {
            compare(again.state(), seen);
            return;
        }
        log.read(again.position(), EventLog.AtEnd.WAIT, new Reading() {
            @Override
            public void read(LogBatch batch) {
                if (batch.records().isEmpty()) {
                    askForEnd(tip.last().orElseThrow());
                    return;
                }
                try {
                    for (StoredRecord stored : batch.records()) {
                        if (stored.offset() < seen.position().nextOffset()) {
                            again.next(stored);
                        }
                    }
                } catch (LogException e) {
                    answer.no(e);
                    return;
                }
                foldAgain(again, seen);
            }
        });
    }

    private void compare(FoldState again, FoldState seen) {
        if (again.isSame(seen)) {
            answer.yes(seen);
        } else {
            answer.no(new LogException.Truncated("the log holds event " + again.sequence() + " with digest "
                    + again.digest() + " before offset " + again.position().nextOffset() + ", expected event "
                    + seen.sequence() + " with digest " + seen.digest()
                    + ": it has lost records that it had acknowledged"));
        }
    }

    private abstract class Reading implements EventLog.ReadCallback {
        @Override
        public void failed(LogException cause) {
            if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
                answer.unanswered(cause);
            } else if (cause instanceof LogException.Gap) {
                answer.yes(tip.state()); // deleted on purpose, as all that is old
            } else {
                answer.no(cause);
            }
        }
    }
}
