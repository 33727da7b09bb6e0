package io.qedstore.rebuild;

import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Finds the event that a point is behind. What only the log knows is read there, from the nearest checkpoint on. One thread. */
public final class PointResolver {
    private final CatalogImage image;
    private final MetadataIndex index;
    private final RebuildSource source;

    public PointResolver(RebuildSource source) {
        this.image = source.image();
        this.index = source.index();
        this.source = source;
    }

    /**
     * The event that a point is behind.
     *
     * @param now by the clock of whoever asks: a time after it is refused, since what would be found there would change
     * @throws PointException if there is no such point
     * @throws NotCoveredException if the log does not reach back so far, and no checkpoint helps
     */
    public Sequence resolve(Point point, Instant now) throws IOException {
        Sequence found = find(point, now);
        if (found.equals(Sequence.NONE)) {
            throw PointException.noEvent(image, point);
        }
        if (found.equals(Rebuild.END)) {
            throw new PointException("image " + image.name() + " has no event " + found + "; expected an earlier one");
        }
        if (found.compareTo(image.floor()) < 0) {
            throw new PointException("the history of image " + image.name() + " begins at event " + image.floor()
                    + ", and " + point + " is event " + found + ", which was given up; expected a later point");
        }
        return found;
    }

    /** As {@link #resolve}, but {@link Rebuild#END} for the latest: a rebuild meets it on its way. */
    public Sequence end(Point point, Instant now) throws IOException {
        return point instanceof Point.Latest ? Rebuild.END : resolve(point, now);
    }

    private Sequence find(Point point, Instant now) throws IOException {
        if (point instanceof Point.AtSequence at) {
            return at.sequence();
        } else if (point instanceof Point.AtSnapshot at) {
            return index.snapshot(image.id(), at.name())
                    .map(Snapshot::sequence)
                    .orElseThrow(() -> new PointException("image " + image.name() + " has no snapshot " + at.name()
                            + "; `qedstore image snapshot list " + image.name() + "` shows those there are"));
        } else if (point instanceof Point.AtTime at) {
            return atTime(at.time(), now);
        }
        return lastBefore(Long.MAX_VALUE);
    }

    /** Events' times never go back, whatever the clocks of their owners do. */
    private Sequence atTime(Instant time, Instant now) throws IOException {
        if (time.isAfter(now)) {
            throw new PointException(
                    "time:" + time + " lies in the future, it is " + now + " now; expected a time" + " until now");
        }
        return lastBefore(ChronoUnit.MICROS.between(Instant.EPOCH, time));
    }

    private Sequence lastBefore(long timeMicros) throws IOException {
        Optional<RebuildSource.Found> from =
                source.newest(checkpoint -> checkpoint.state().timeMicros() <= timeMicros);
        Last last = new Last(from.map(found -> found.description().sequence()).orElse(Sequence.NONE));
        walk(from, (event, after) -> {
            if (after.timeMicros() > timeMicros) {
                return false;
            }
            last.sequence = after.sequence();
            return true;
        });
        return last.sequence;
    }

    private static final class Last {
        Sequence sequence;

        Last(Sequence sequence) {
            this.sequence = sequence;
        }
    }

    private void walk(Optional<RebuildSource.Found> from, LogWalk.Visitor visitor) throws IOException {
        try {
            source.walk(from).walk(visitor);
        } catch (LogException.Gap e) {
            throw source.notCovered(e);
        }
    }

    /**
     * The last flush point at or before an event: what was flushed there is whole.
     *
     * @throws PointException if there is none
     */
    public Sequence flushPoint(Sequence atOrBefore) throws IOException {
        Sequence end = atOrBefore;
        while (true) {
            Sequence below = end;
            Optional<RebuildSource.Found> from =
                    source.newest(checkpoint -> checkpoint.sequence().compareTo(below) < 0);
            Last last = new Last(Sequence.NONE);
            walk(from, (event, after) -> {
                long before = after.sequence().value() - 1;
                if (event.body().flushBefore() && before > 0 && before <= atOrBefore.value()) {
                    last.sequence = new Sequence(before);
                }
                return before < below.value();
            });
            if (!last.sequence.equals(Sequence.NONE)) {
                return last.sequence;
            }
            if (from.isEmpty()) {
                throw new PointException("image " + image.name() + " has no flush at event " + atOrBefore
                        + " or before; expected a later point, or one that need not be a flush");
            }
            end = from.get().description().sequence();
        }
    }
}
