package io.qedstore.volume;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Memory for changes of all volumes of a node that are not in their files yet. It may be exceeded by one event of each volume.
 * All methods are safe for many threads.
 */
public final class PendingBudget {
    private final long limitBytes;

    /** Guarded by this object's monitor. */
    private long usedBytes;

    private final Set<Admission> waiting = new LinkedHashSet<>();

    public PendingBudget(long limitBytes) {
        if (limitBytes < 1) {
            throw new IllegalArgumentException("a limit of " + limitBytes + " pending bytes, expected 1 at least");
        }
        this.limitBytes = limitBytes;
    }

    public synchronized long usedBytes() {
        return usedBytes;
    }

    synchronized boolean isFull() {
        return usedBytes >= limitBytes;
    }

    synchronized void take(long bytes) {
        usedBytes += bytes;
    }

    void giveBack(long bytes) {
        List<Admission> next;
        synchronized (this) {
            usedBytes -= bytes;
            if (usedBytes >= limitBytes || waiting.isEmpty()) {
                return;
            }
            next = List.copyOf(waiting);
            waiting.clear();
        }
        next.forEach(Admission::proceed);
    }

    /**
     * Lets somebody go on when there is room.
     *
     * @return false if there is already; it is not called then
     */
    synchronized boolean await(Admission admission) {
        if (usedBytes < limitBytes) {
            return false;
        }
        waiting.add(admission);
        return true;
    }
}
