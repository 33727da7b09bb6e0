package io.qedstore.nbd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The bytes that requests in flight may hold, on all connections together. Whoever finds too few waits in a queue, so that
 * none is starved by those that came later. Small requests have a share and a queue of their own: they do not wait behind
 * large ones, which clients can hold for long. A request that is larger than all its share gets it alone. All methods are
 * safe for many threads.
 */
final class MemoryBudget {
    private static final long MAX_SMALL_BYTES = 64 << 10;

    /** Small requests are no larger than a part of all there is, and have a part of it. */
    private static final int SMALL_PARTS = 64;

    private static final int SMALL_SHARE_PARTS = 8;

    private final long smallBytes;
    private final Share small;
    private final Share large;

    MemoryBudget(long limitBytes) {
        this.smallBytes = Math.min(MAX_SMALL_BYTES, limitBytes / SMALL_PARTS);
        this.small = new Share(limitBytes / SMALL_SHARE_PARTS);
        this.large = new Share(limitBytes - limitBytes / SMALL_SHARE_PARTS);
    }

    private Share shareOf(long bytes) {
        return bytes <= smallBytes ? small : large;
    }

    /**
     * Takes the bytes of one request, now or later. Whoever does not want them any more when they are granted has to give
     * them back then.
     *
     * @param granted run by any thread once the bytes were taken; only if they were not taken at once
     * @return whether they were taken at once
     */
    boolean acquire(long bytes, Runnable granted) {
        return shareOf(bytes).acquire(bytes, granted);
    }

    /** Gives back what one request took, all of it. */
    void release(long bytes) {
        shareOf(bytes).release(bytes);
    }

    /** Whether somebody waits for bytes that others hold. */
    boolean isContended() {
        return small.isContended() || large.isContended();
    }

    long usedBytes() {
        return small.usedBytes() + large.usedBytes();
    }

    /** A part of the bytes, with those who wait for it. */
    private static final class Share {
        private final long limitBytes;

        /** Guarded by this object's monitor, as are those who wait. */
        private long usedBytes;

        private final Queue<Waiter> waiters = new ArrayDeque<>();

        private record Waiter(long bytes, Runnable granted) {}

        Share(long limitBytes) {
            this.limitBytes = limitBytes;
        }

        synchronized boolean acquire(long bytes, Runnable granted) {
            if (waiters.isEmpty() && fits(bytes)) {
                usedBytes += bytes;
                return true;
            }
            waiters.add(new Waiter(bytes, granted));
            return false;
        }

        private boolean fits(long bytes) {
            return usedBytes == 0 || usedBytes + bytes <= limitBytes;
        }

        void release(long bytes) {
            List<Runnable> granted = new ArrayList<>();
            synchronized (this) {
                usedBytes -= bytes;
                for (Waiter next = waiters.peek(); next != null && fits(next.bytes()); next = waiters.peek()) {
                    usedBytes += next.bytes();
                    granted.add(next.granted());
                    waiters.remove();
                }
            }
            granted.forEach(Runnable::run);
        }

        synchronized boolean isContended() {
            return !waiters.isEmpty();
        }

        synchronized long usedBytes() {
            return usedBytes;
        }
    }
}
