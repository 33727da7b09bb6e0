package io.qedstore.nbd;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets an event loop look for the next request for some microseconds before it goes to sleep, where requests have been
 * coming that fast: waking up costs about as much as answering one. As soon as one does not come in time, the loop sleeps
 * at once again until they do. While it looks it gives way to every other thread, and only some loops look at a time.
 *
 * <p>Used by one event loop.
 */
final class AdaptivePolling implements SelectStrategy {
    private static final long WINDOW_NANOS = 50_000;

    /** A request that came this soon after the loop went to sleep, its own time included, would have been worth waiting for. */
    private static final long WORTHWHILE_NANOS = WINDOW_NANOS + 20_000;

    private static final int MAX_POLLING = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private static final AtomicInteger POLLING = new AtomicInteger();

    private enum Phase {
        /** The loop has slept, or is about to for the first time. */
        SLEPT,
        POLLING
    }

    private Phase phase = Phase.SLEPT;

    /** When the loop went to sleep or began to look. */
    private long sinceNanos = System.nanoTime();

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // giving way is a courtesy here, nothing relies on it
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (hasTasks) {
            int ready = selectNow.get();
            if (phase == Phase.POLLING) {
                sinceNanos = System.nanoTime();
            }
            return ready;
        }
        long now = System.nanoTime();
        if (phase == Phase.SLEPT) {
            if (now - sinceNanos > WORTHWHILE_NANOS || !mayPoll()) {
                sinceNanos = now;
                return SelectStrategy.SELECT;
            }
            phase = Phase.POLLING;
            sinceNanos = now;
        }
        int ready = selectNow.get();
        if (ready > 0) {
            sinceNanos = now;
            return ready;
        }
        if (now - sinceNanos < WINDOW_NANOS) {
            Thread.yield();
            return ready;
        }
        phase = Phase.SLEPT;
        POLLING.decrementAndGet();
        sinceNanos = now - WINDOW_NANOS;
        return SelectStrategy.SELECT;
    }

    private static boolean mayPoll() {
        if (POLLING.incrementAndGet() <= MAX_POLLING) {
            return true;
        }
        POLLING.decrementAndGet();
        return false;
    }
}
