package io.qedstore.fold;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.util.OptionalInt;

/**
 * Asks a log whether a record is still in its place. A log that has lost its end may have got as many other records since, so
 * that no offset shows it; or its leader has changed, and readers see less than there is for a moment, which is no loss.
 */
public final class StillThere {
    private final EventLog log;
    private final Place place;
    private final Answer answer;

    /** Exactly one of the methods is called, once, by any thread; must not wait. */
    public interface Answer {
        /** @param leaderEpoch of the record, if it could be read */
        void yes(OptionalInt leaderEpoch);

        /** The log has lost the record, or is another. */
        void no(LogException cause);

        /** It does not answer. */
        void unanswered(LogException cause);
    }

    private StillThere(EventLog log, Place place, Answer answer) {
        this.log = log;
        this.place = place;
        this.answer = answer;
    }

    /** Asks. */
    public static void ask(EventLog log, Place place, Answer answer) {
        new StillThere(log, place, answer).askForEnd();
    }

    /** The log reaches behind the record, whatever part of it readers see. */
    private void askForEnd() {
        log.read(new LogPosition(place.offset() + 1, OptionalInt.empty()), EventLog.AtEnd.ANSWER, new Reading() {
            @Override
            public void read(LogBatch batch) {
                askForRecord();
            }
        });
    }

    private void askForRecord() {
        log.read(new LogPosition(place.offset(), OptionalInt.empty()), EventLog.AtEnd.WAIT, new Reading() {
            @Override
            public void read(LogBatch batch) {
                if (batch.records().isEmpty()) {
                    askForRecord(); // it is there, and not seen yet
                } else if (place.holds(batch.records().get(0))) {
                    answer.yes(batch.records().get(0).leaderEpoch());
                } else {
                    answer.no(new LogException.Truncated("the log has another record at offset " + place.offset()
                            + " than the one that was acknowledged there"));
                }
            }
        });
    }

    private abstract class Reading implements EventLog.ReadCallback {
        @Override
        public void failed(LogException cause) {
            if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
                answer.unanswered(cause);
            } else if (cause instanceof LogException.Gap) {
                answer.yes(OptionalInt.empty()); // deleted on purpose, as all that is old
            } else {
                answer.no(cause);
            }
        }
    }
}
