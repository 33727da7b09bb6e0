package io.qedstore.rebuild;

import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.time.DateTimeException;
import java.time.Instant;

/** A place in an image's history, as people name it. */
public sealed interface Point {
    /** The last event that there is. */
    record Latest() implements Point {
        @Override
        public String toString() {
            return "latest";
        }
    }

    /** Behind an event. */
    record AtSequence(Sequence sequence) implements Point {
        @Override
        public String toString() {
            return "seq:" + sequence;
        }
    }

    /** Behind the last event that was written then or before. */
    record AtTime(Instant time) implements Point {
        @Override
        public String toString() {
            return "time:" + time;
        }
    }

    /** Where a snapshot is. */
    record AtSnapshot(SnapshotName name) implements Point {
        @Override
        public String toString() {
            return "snapshot:" + name;
        }
    }

    /**
     * Reads {@code latest}, {@code seq:N}, {@code time:2026-11-22T12:00:00Z} or {@code snapshot:NAME}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static Point parse(String text) {
        if (text.equals("latest")) {
            return new Latest();
        }
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1);
        try {
            return switch (colon < 0 ? "" : text.substring(0, colon)) {
                case "seq" -> new AtSequence(new Sequence(Long.parseLong(value)));
                case "time" -> new AtTime(Instant.parse(value));
                case "snapshot" -> new AtSnapshot(new SnapshotName(value));
                default -> throw notAPoint(text);
            };
        } catch (DateTimeException | NumberFormatException e) {
            throw notAPoint(text);
        }
    }

    private static IllegalArgumentException notAPoint(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no point; expected latest, seq:N," + " time:2026-11-22T12:00:00Z or snapshot:NAME");
    }
}
