package io.qedstore.owner;

import java.time.Duration;

/**
 * Until when an owner may take it that nobody else has the image: for some time from when it sent the last record that was
 * acknowledged in order. Whoever drives an owner out waits for longer than that.
 *
 * <p>Time is the larger of what two clocks say: one may stand still while a machine sleeps, the other may jump back.
 */
final class Lease {
    private final OwnerClock clock;
    private final long lengthNanos;

    private boolean started;
    private Instant sent = new Instant(0, 0);

    /** A moment, by both clocks. */
    record Instant(long monotonicNanos, long wallMicros) {
        long nanosUntil(Instant later) {
            long wallNanos = Math.max(0, later.wallMicros - wallMicros) * 1000;
            return Math.max(later.monotonicNanos - monotonicNanos, wallNanos);
        }
    }

    Lease(OwnerClock clock, Duration length) {
        this.clock = clock;
        this.lengthNanos = length.toNanos();
    }

    Instant now() {
        return new Instant(clock.monotonicNanos(), clock.wallMicros());
    }

    /** @param sentAt when the record was sent that is acknowledged now */
    void extend(Instant sentAt) {
        if (!started || sentAt.monotonicNanos > sent.monotonicNanos) {
            sent = sentAt;
            started = true;
        }
    }

    void end() {
        started = false;
    }

    boolean holds() {
        return started && sent.nanosUntil(now()) < lengthNanos;
    }

    /** Whether a third of it is over, so that it is time for a record. */
    boolean isAging() {
        return !started || sent.nanosUntil(now()) >= lengthNanos / 3;
    }
}
