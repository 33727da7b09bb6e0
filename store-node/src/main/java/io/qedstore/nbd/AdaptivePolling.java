package io.qedstore.nbd;

import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.util.IntSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.Semaphore;

/**
 * Lets an event loop look for the next request for some microseconds before it goes to sleep, where requests have been
 * coming that fast: waking up costs about as much as answering one. As soon as one does not come in time, the loop sleeps
 * at once again until they do. While it looks it gives way to every other thread, and only some loops look at a time. When
 * it has handed a request to another thread it does not look: that thread needs the processor more.
 *
 * <p>Used by one event loop.
 */
final class AdaptivePolling implements SelectStrategy {
    private static final long WINDOW_NANOS = 50_000;

    /** A request that came this soon after the loop went to sleep, its own time included, would have been worth waiting for. */
    private static final long WORTHWHILE_NANOS = WINDOW_NANOS + 20_000;

    private static final FastThreadLocal<AdaptivePolling> OF_THIS_LOOP = new FastThreadLocal<>();

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

    /** Whether the loop waits for another thread rather than for its clients. */
    private boolean handedOn;

    private AdaptivePolling(Semaphore turns) {
        this.turns = turns;
    }

    /** A request went from this event loop to another thread. */
    static void handedOn() {
        AdaptivePolling polling = OF_THIS_LOOP.get();
        if (polling != null) {
            polling.handedOn = true;
        }
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
        if (handedOn && !hasTasks) {
            handedOn = false;
            return sleep(now - WORTHWHILE_NANOS);
        }
        if (phase == Phase.SLEPT && !hasTasks) {
            OF_THIS_LOOP.set(this);
            if (now - sinceNanos > WORTHWHILE_NANOS || !turns.tryAcquire()) {
                return sleep(now);
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
            return sleep(now - WINDOW_NANOS);
        }
        return ready;
    }

    private int sleep(long since) {
        if (phase == Phase.LOOKING) {
            turns.release();
        }
        phase = Phase.SLEPT;
        sinceNanos = since;
        return SelectStrategy.SELECT;
    }
}
