package io.qedstore.points;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Holds long copying back to a rate, and ends it when the node stops. One thread. */
final class Pacer {
    private static final long NANOS = 1_000_000_000;

    /** One waits no longer before looking again whether the node stops. */
    private static final long NAP_NANOS = NANOS / 10;

    private final OptionalLong bytesPerSecond;
    private final LongSupplier nanoClock;
    private final BooleanSupplier isStopping;
    private long paidUntil;

    /** @param bytesPerSecond empty: as fast as it goes */
    Pacer(OptionalLong bytesPerSecond, LongSupplier nanoClock, BooleanSupplier isStopping) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoClock = nanoClock;
        this.isStopping = isStopping;
        this.paidUntil = nanoClock.getAsLong();
    }

    /** Bytes were copied; returns when the next may be. */
    void copied(int bytes) throws IOException {
        requireGoingOn();
        if (bytesPerSecond.isEmpty()) {
            return;
        }
        long now = nanoClock.getAsLong();
        paidUntil = Math.max(paidUntil, now) + (long) (bytes * (double) NANOS / bytesPerSecond.getAsLong());
        while (paidUntil - nanoClock.getAsLong() > NAP_NANOS) {
            nap();
            requireGoingOn();
        }
    }

    private void requireGoingOn() throws InterruptedIOException {
        if (isStopping.getAsBoolean()) {
            throw new InterruptedIOException("the node stops");
        }
    }

    private static void nap() throws InterruptedIOException {
        try {
            Thread.sleep(NAP_NANOS / 1_000_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while copying");
        }
    }
}
