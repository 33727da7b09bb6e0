package io.qedstore.node;

import io.qedstore.owner.OwnerClock;
import java.time.Instant;

/** This machine's. */
final class SystemClock implements OwnerClock {
    @Override
    public long wallMicros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }

    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }
}
