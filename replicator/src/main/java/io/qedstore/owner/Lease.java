package io.qedstore.owner;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Until when an owner may take it that nobody else has the image: for some time from when it sent the last record that was
 * acknowledged in order. Whoever drives an owner out waits for longer than that.
 *
 * <p>Time is the larger of what two clocks say: one may stand still while a machine sleeps, the other may jump back.
 */
final class Lease {
    private final OwnerClock clock;
    private final long lengthNanos;

    /** When the last record was sent that is acknowledged; null if none is. Read by any thread. */
    private volatile @Nullable Instant sent;

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
        Instant before = sent;
        if (before == null || sentAt.monotonicNanos > before.monotonicNanos) {
            sent = sentAt;
        }
    }

    void end() {
        sent = null;
    }

    boolean holds() {
        Instant last = sent;
        return last != null && last.nanosUntil(now()) < lengthNanos;
    }

    /** Whether a third of it is over, so that it is time for a record. */
    boolean isAging() {
        Instant last = sent;
        return last == null || last.nanosUntil(now()) >= lengthNanos / 3;
    }
}
