package io.qedstore.event;

/**
 * A place in an image's history: its events count 1, 2, 3...
 *
 * @param value 0 before the first event
 */
public record Sequence(long value) implements Comparable<Sequence> {
    public static final Sequence NONE = new Sequence(0);

    public Sequence {
        if (value < 0) {
            throw new IllegalArgumentException("sequence " + value + " is negative");
        }
    }

    public Sequence next() {
        return new Sequence(Math.addExact(value, 1));
    }

    @Override
    public int compareTo(Sequence other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
