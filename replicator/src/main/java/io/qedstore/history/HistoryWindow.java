package io.qedstore.history;

import io.qedstore.event.Sequence;
import java.util.Optional;

/**
 * Which part of a history is wanted.
 *
 * @param from its first event, or the time of that; empty: from its beginning
 * @param to its last event, or the time of that; empty: to its end
 * @param range only events that have to do with this part of the disk, and nothing else; empty for all
 */
public record HistoryWindow(Optional<Edge> from, Optional<Edge> to, Optional<GuestRange> range) {
    public static final HistoryWindow ALL = new HistoryWindow(Optional.empty(), Optional.empty(), Optional.empty());

    /** A place in a history. */
    public sealed interface Edge {
        /** Whether it comes after an event. */
        boolean isLaterThan(long sequence, long timeMicros);

        /** Whether it comes before an event. */
        boolean isEarlierThan(long sequence, long timeMicros);
    }

    /** At an event. */
    public record AtEvent(Sequence event) implements Edge {
        @Override
        public boolean isLaterThan(long sequence, long timeMicros) {
            return sequence < event.value();
        }

        @Override
        public boolean isEarlierThan(long sequence, long timeMicros) {
            return sequence > event.value();
        }
    }

    /** At a time, in microseconds since 1970. */
    public record AtTime(long micros) implements Edge {
        @Override
        public boolean isLaterThan(long sequence, long timeMicros) {
            return timeMicros < micros;
        }

        @Override
        public boolean isEarlierThan(long sequence, long timeMicros) {
            return timeMicros > micros;
        }
    }

    /** Whether something at a place comes before what is wanted. */
    boolean isTooEarly(long sequence, long timeMicros) {
        return from.isPresent() && from.get().isLaterThan(sequence, timeMicros);
    }

    /** Whether something at a place comes after what is wanted. */
    boolean isTooLate(long sequence, long timeMicros) {
        return to.isPresent() && to.get().isEarlierThan(sequence, timeMicros);
    }
}
