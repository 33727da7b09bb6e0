package io.qedstore.hosting;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Keeps what several threads do together below a rate, by making them wait. */
public final class ByteRate {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** One waits no longer before looking again whether to go on; a shorter wait is left to the next. */
    private static final long NAP_NANOS = SECOND_NANOS / 10;

    private final long bytesPerSecond;
    private final LongSupplier nanos;

    /** By when all that was taken may have been. Guarded by this object's monitor. */
    private long paidUntilNanos;

    /** Whether there is still something to be done. */
    @FunctionalInterface
    public interface Check {
        /** @throws IOException if there is not */
        void require() throws IOException;
    }

    /**
     * @param bytesPerSecond 0 for any
     * @param nanos as {@link System#nanoTime}
     */
    public ByteRate(long bytesPerSecond, LongSupplier nanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.paidUntilNanos = nanos.getAsLong();
    }

    /** Bytes were moved; returns when the next may be. */
    public void take(long bytes, Check goingOn) throws IOException {
        goingOn.require();
        if (bytesPerSecond == 0) {
            return;
        }
        long until;
        synchronized (this) {
            paidUntilNanos = Math.max(paidUntilNanos, nanos.getAsLong())
                    + (long) ((double) bytes / bytesPerSecond * SECOND_NANOS);
            until = paidUntilNanos;
        }
        while (until - nanos.getAsLong() > NAP_NANOS) {
            nap();
            goingOn.require();
        }
    }

    private static void nap() throws InterruptedIOException {
        try {
            TimeUnit.NANOSECONDS.sleep(NAP_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a turn");
        }
    }
}
