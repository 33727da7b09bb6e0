package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps, of the events of one image, what finds points again: flush points, and some places of the log.
 *
 * <ul>
 *   <li>An event that says a flush came before it makes a flush point of the event in front of it.
 *   <li>The state behind each event whose sequence is a multiple of {@value #EVENTS_PER_PLACE} is a place. So a point is at
 *       most so many events behind a place, and 122 MiB of log. Time and bytes do not matter: by the sequence alone, an index
 *       that is made again has the same places, wherever in the log it began.
 * </ul>
 *
 * <p>It knows only events that the fold has applied. What it was given and has not written yet is lost in a crash, and read
 * again from where the index stands. One thread at a time, and one indexer for an image.
 */
public final class LogIndexer {
    public static final int EVENTS_PER_PLACE = 64;

    /** So many things to write are written without being asked. */
    static final int MAX_PENDING = 1024;

    private final WritableIndex index;
    private Optional<FoldState> written;
    private FoldState last;
    private final List<FlushPoint> flushPoints = new ArrayList<>();
    private final List<FoldState> places = new ArrayList<>();

    private LogIndexer(WritableIndex index, Optional<FoldState> written, FoldState last) {
        this.index = index;
        this.written = written;
        this.last = last;
    }

    /**
     * Goes on where the index stands.
     *
     * @param from where to begin if it holds nothing of the image: the log's beginning, or a checkpoint where the log does not
     *     reach back
     */
    public static LogIndexer open(ImageId image, WritableIndex index, FoldState from) throws IOException {
        if (!from.image().equals(image)) {
            throw new IllegalArgumentException("a place in the log of image " + from.image() + ", expected " + image);
        }
        Optional<FoldState> written = index.indexed(image);
        LogIndexer indexer = new LogIndexer(index, written, written.orElse(from));
        if (written.isEmpty()) {
            indexer.keepPlace();
        }
        return indexer;
    }

    /** Behind what it was given so far; from there it wants the next event. */
    public FoldState position() {
        return last;
    }

    /**
     * Takes the next event.
     *
     * @param after the state of the fold behind it
     */
    public void next(Event event, FoldState after) throws IOException {
        if (!event.sequence().equals(last.sequence().next())
                || !after.sequence().equals(event.sequence())) {
            throw new IllegalArgumentException("event " + event.sequence() + " of image " + last.image()
                    + " with a state at " + after.sequence() + ", expected event "
                    + last.sequence().next());
        }
        if (event.body().flushBefore() && !last.sequence().equals(Sequence.NONE)) {
            flushPoints.add(new FlushPoint(last.sequence(), last.timeMicros()));
        }
        last = after;
        keepPlace();
        if (flushPoints.size() + places.size() >= MAX_PENDING) {
            write();
        }
    }

    /**
     * Goes on behind a part of the log that nobody has any more. What the index holds of the events before stays, as far as
     * the image's floor lets it.
     *
     * @param from a checkpoint's place, behind {@link #position}
     */
    public void skipTo(FoldState from) throws IOException {
        if (!from.image().equals(last.image()) || from.sequence().compareTo(last.sequence()) < 0) {
            throw new IllegalArgumentException("event " + from.sequence() + " of image " + from.image()
                    + " is not behind event " + last.sequence() + " of image " + last.image());
        }
        last = from;
        keepPlace();
        write();
    }

    private void keepPlace() {
        long sequence = last.sequence().value();
        if (sequence > 0 && sequence % EVENTS_PER_PLACE == 0) {
            places.add(last);
        }
    }

    /** Writes what was not written yet; it survives the end of the process. */
    public void write() throws IOException {
        if (written.isPresent() && written.get().equals(last)) {
            return;
        }
        index.write(new IndexedRun(last.image(), written, flushPoints, places, last));
        written = Optional.of(last);
        flushPoints.clear();
        places.clear();
    }
}
