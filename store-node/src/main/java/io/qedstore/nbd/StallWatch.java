package io.qedstore.nbd;

import java.time.Duration;

/** Finds out whether a connection moves bytes, or only holds them. Used by its event loop. */
final class StallWatch {
    /** A connection that moves fewer within the deadline stands still. */
    private static final long MIN_MOVED_BYTES = 1 << 20;

    /** As does one that moves less than a quarter of what it holds. */
    private static final int MIN_MOVED_PARTS = 4;

    private long movedBytes;
    private boolean watching;
    private long markNanos;
    private long markBytes;

    /** Bytes went over the socket. */
    void moved(long bytes) {
        movedBytes += bytes;
    }

    /** Bytes that went over the socket so far, as far as they were noticed. */
    long movedBytes() {
        return movedBytes;
    }

    /**
     * @param heldBytes that it gives back only when its client goes on
     * @return whether that has been so since the deadline, with hardly any bytes moving
     */
    boolean isStalled(long heldBytes, long nowNanos, Duration deadline) {
        if (heldBytes == 0) {
            watching = false;
            return false;
        }
        if (!watching) {
            watching = true;
            markNanos = nowNanos;
            markBytes = movedBytes;
            return false;
        }
        if (nowNanos - markNanos < deadline.toNanos()) {
            return false;
        }
        boolean stalled = movedBytes - markBytes < Math.max(MIN_MOVED_BYTES, heldBytes / MIN_MOVED_PARTS);
        markNanos = nowNanos;
        markBytes = movedBytes;
        return stalled;
    }
}
