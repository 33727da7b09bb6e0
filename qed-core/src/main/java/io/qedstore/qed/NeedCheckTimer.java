package io.qedstore.qed;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Ends the dirty period of an image that nobody has allocated in for five seconds. Somebody else keeps the time and calls
 * {@link #tick} once a second, from one thread.
 */
public final class NeedCheckTimer {
    /** Ticks without an allocation before the image is marked clean. */
    public static final int IDLE_TICKS = 5;

    private final LongSupplier allocations;
    private final Clearing clearing;
    private long seenAllocations;
    private int idleTicks;

    /** Ends the dirty period. */
    @FunctionalInterface
    public interface Clearing {
        void clearNeedCheck() throws IOException;
    }

    /**
     * @param allocations how many plans have changed tables so far
     * @param clearing called at each tick while nobody allocates: has nothing to do where the image is clean
     */
    public NeedCheckTimer(LongSupplier allocations, Clearing clearing) {
        this.allocations = allocations;
        this.clearing = clearing;
    }

    /**
     * One second has passed.
     *
     * @throws IOException if the disk failed; the image stays marked as needing a check
     */
    public void tick() throws IOException {
        long now = allocations.getAsLong();
        idleTicks = now == seenAllocations ? idleTicks + 1 : 0;
        seenAllocations = now;
        if (idleTicks >= IDLE_TICKS) {
            clearing.clearNeedCheck();
        }
    }
}
