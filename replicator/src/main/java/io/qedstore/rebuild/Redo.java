package io.qedstore.rebuild;

import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.time.Duration;

/**
 * Applies the events of a log to a file, from a place at which the file certainly was, up to an event. What lies in the file from
 * events between does no harm: an event says where each byte goes.
 *
 * <p>One thread, which waits for the log.
 */
public final class Redo {
    private final LogWalk walk;
    private final ImageFile file;
    private FoldState reached;

    /**
     * @param from where the file is
     * @param patience how long the log may give no answer
     */
    public Redo(EventLog log, FoldState from, ImageFile file, Duration patience) {
        this.walk = new LogWalk(log, from, patience);
        this.file = file;
        this.reached = from;
    }

    /** Says before each event whether to go on, and hears of it. */
    @FunctionalInterface
    public interface Until {
        /**
         * @param next the event that comes; all before it are in the file
         * @return whether it is beyond what is wanted; it is not applied then
         */
        boolean isBeyond(Event next) throws IOException;
    }

    /** The place of the file now. */
    public FoldState reached() {
        return reached;
    }

    /**
     * Applies all up to an event.
     *
     * @throws LogException.Truncated if the log ends before it
     */
    public FoldState upTo(Sequence last) throws IOException {
        if (reached.sequence().compareTo(last) < 0) {
            walk.walk((event, after) -> {
                apply(event, after);
                return after.sequence().compareTo(last) < 0;
            });
        }
        if (reached.sequence().compareTo(last) < 0) {
            throw new LogException.Truncated("the log of image " + reached.image() + " ends at event "
                    + reached.sequence() + ", expected event " + last);
        }
        return reached;
    }

    /** Applies all that comes before the first event that is beyond what is wanted, or before the log's end. */
    public FoldState until(Until until) throws IOException {
        walk.walk((event, after) -> {
            if (until.isBeyond(event)) {
                return false;
            }
            apply(event, after);
            return true;
        });
        return reached;
    }

    private void apply(Event event, FoldState after) throws IOException {
        for (QedChange change : event.body().changes()) {
            change.applyTo(file);
        }
        reached = after;
    }
}
