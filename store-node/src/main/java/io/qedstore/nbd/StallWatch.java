package io.qedstore.nbd;

import java.time.Duration;

/** Finds out whether a connection moves bytes, or only holds them. Used by its event loop. */
final class StallWatch {
    /** A connection that moves fewer within the deadline stands still. */
    private static final long MIN_MOVED_BYTES = 1 << 20;

    private long movedBytes;
    private boolean watching;
    private long markNanos;
    private long markBytes;

    /** Bytes went over the socket. */
    void moved(long bytes) {
        movedBytes += bytes;
    }

    /**
     * @param held whether it holds something that it gives back only when its client goes on
     * @return whether that has been so since the deadline, with hardly any bytes moving
     */
    boolean isStalled(boolean held, long nowNanos, Duration deadline) {
        if (!held) {
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
        boolean stalled = movedBytes - markBytes < MIN_MOVED_BYTES;
        markNanos = nowNanos;
        markBytes = movedBytes;
        return stalled;
    }
}
