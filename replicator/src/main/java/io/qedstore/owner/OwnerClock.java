package io.qedstore.owner;

/** The time, for an owner. */
public interface OwnerClock {
    /** Microseconds since 1970; may jump. */
    long wallMicros();

    /** Nanoseconds from anywhere; never goes back. */
    long monotonicNanos();
}
