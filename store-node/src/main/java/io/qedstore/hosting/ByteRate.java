package io.qedstore.hosting;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/** Keeps what several threads do together below a rate, by making them wait. */
public final class ByteRate {
    /** What was not used for so long may be made up for. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long bytesPerSecond;

    /** By when all that was taken may have been. Guarded by this object's monitor. */
    private long paidUntilNanos = System.nanoTime();

    /** @param bytesPerSecond 0 for any */
    public ByteRate(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Waits until so many bytes more may be. */
    public void take(int bytes) throws InterruptedIOException {
        if (bytesPerSecond == 0) {
            return;
        }
        long waitNanos;
        synchronized (this) {
            long now = System.nanoTime();
            paidUntilNanos = Math.max(paidUntilNanos, now - BURST_NANOS)
                    + (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
            waitNanos = paidUntilNanos - now;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(waitNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a turn");
        }
    }
}
