package io.qedstore.retention;

import java.util.function.LongSupplier;

/**
 * A wall clock that does not jump ahead: of what is given up because it is old nothing comes back when the clock is set right. Where the
 * other jumps ahead, this one goes on as before; where the other is set back, it follows. Safe for many threads.
 */
public final class UnjumpedClock implements LongSupplier {
    private final LongSupplier wallMicros;
    private final LongSupplier nanos;
    private final long begunMicros;
    private final long begunNanos;

    /** @param nanos a clock that never goes back */
    public UnjumpedClock(LongSupplier wallMicros, LongSupplier nanos) {
        this.wallMicros = wallMicros;
        this.nanos = nanos;
        this.begunMicros = wallMicros.getAsLong();
        this.begunNanos = nanos.getAsLong();
    }

    @Override
    public long getAsLong() {
        return Math.min(wallMicros.getAsLong(), begunMicros + (nanos.getAsLong() - begunNanos) / 1000);
    }
}
