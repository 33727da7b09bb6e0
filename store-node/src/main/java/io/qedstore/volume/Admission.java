package io.qedstore.volume;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Lets changes of an image in while there is room for their bytes, in the order in which they came. Those that wait keep nobody
 * else waiting: they are run later. All methods are safe for many threads.
 */
final class Admission {
    private final LongSupplier usedBytes;
    private final long limitBytes;
    private final Executor executor;

    /** Guarded by this object's monitor. */
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    private boolean ended;

    /** @param executor runs what had to wait */
    Admission(LongSupplier usedBytes, long limitBytes, Executor executor) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
        this.executor = executor;
    }

    /** Whether a change may go in now, before all that waits: none does. */
    synchronized boolean isOpen() {
        return ended || (waiting.isEmpty() && usedBytes.getAsLong() < limitBytes);
    }

    /** Runs a change, now or later. */
    void enter(Runnable change) {
        synchronized (this) {
            if (!isOpen()) {
                waiting.add(change);
                return;
            }
        }
        change.run();
    }

    /** There may be room again: lets the next one in, and the one behind it when that has taken its bytes. */
    void proceed() {
        Runnable next;
        synchronized (this) {
            boolean isFull = !ended && usedBytes.getAsLong() >= limitBytes;
            next = isFull ? null : waiting.poll();
        }
        if (next != null) {
            Runnable change = next;
            executor.execute(() -> {
                try {
                    change.run();
                } finally {
                    proceed();
                }
            });
        }
    }

    /** Lets everybody in: they will find that it is over. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        proceed();
    }
}
