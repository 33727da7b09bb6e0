package io.qedstore.nbd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The bytes that requests in flight may hold, on all connections together. Whoever finds too few waits in a queue, so that
 * small requests cannot starve a large one. One that is larger than the whole budget gets it alone. All methods are safe
 * for many threads.
 */
final class MemoryBudget {
    private final long limitBytes;

    /** Guarded by this object's monitor, as are those who wait. */
    private long usedBytes;

    private final Queue<Waiter> waiters = new ArrayDeque<>();

    private record Waiter(long bytes, Runnable granted) {}

    MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * Takes bytes, now or later. Whoever does not want them any more when they are granted has to give them back then.
     *
     * @param granted run by any thread once the bytes were taken; only if they were not taken at once
     * @return whether they were taken at once
     */
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

    /** Whether somebody waits for bytes that others hold. */
    synchronized boolean isContended() {
        return !waiters.isEmpty();
    }

    synchronized long usedBytes() {
        return usedBytes;
    }
}
