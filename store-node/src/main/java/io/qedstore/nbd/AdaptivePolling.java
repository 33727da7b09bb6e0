package io.qedstore.nbd;

import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.util.IntSupplier;
import java.util.concurrent.Semaphore;

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

    private enum Phase {
        /** The loop has slept, or is about to for the first time. */
        SLEPT,
        /** It handles what it found while it was looking. */
        FOUND,
        LOOKING
    }

    /** How many more loops may look. */
    private final Semaphore turns;

    private Phase phase = Phase.SLEPT;

    /** When the loop went to sleep or began to look. */
    private long sinceNanos = System.nanoTime();

    private AdaptivePolling(Semaphore turns) {
        this.turns = turns;
    }

    /** For the event loops of one group: half as many of them as there are processors look at a time. */
    static SelectStrategyFactory forOneGroup() {
        Semaphore turns = new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        return () -> new AdaptivePolling(turns);
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // giving way is a courtesy here, nothing relies on it
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        long now = System.nanoTime();
        if (phase == Phase.FOUND) {
            phase = Phase.LOOKING;
            sinceNanos = now;
        }
        if (phase == Phase.SLEPT && !hasTasks) {
            if (now - sinceNanos > WORTHWHILE_NANOS || !turns.tryAcquire()) {
                sinceNanos = now;
                return SelectStrategy.SELECT;
            }
            phase = Phase.LOOKING;
            sinceNanos = now;
        }
        int ready = selectNow.get();
        if (phase == Phase.SLEPT) {
            return ready;
        }
        if (ready > 0 || hasTasks) {
            phase = Phase.FOUND;
        } else if (now - sinceNanos < WINDOW_NANOS) {
            Thread.yield();
        } else {
            phase = Phase.SLEPT;
            turns.release();
            sinceNanos = now - WINDOW_NANOS;
            return SelectStrategy.SELECT;
        }
        return ready;
    }
}
