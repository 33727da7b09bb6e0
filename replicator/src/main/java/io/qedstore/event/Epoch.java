package io.qedstore.event;

/**
 * Which ownership: 1, 2, 3... in the order in which they were opened by claims.
 *
 * @param value 0 before the first claim
 */
public record Epoch(long value) implements Comparable<Epoch> {
    public static final Epoch NONE = new Epoch(0);

    public Epoch {
        if (value < 0) {
            throw new IllegalArgumentException("epoch " + value + " is negative");
        }
    }

    public Epoch next() {
        return new Epoch(Math.addExact(value, 1));
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
