package io.qedstore.qed;

import java.io.IOException;

/**
 * Ends the dirty period of an image that nobody has allocated in for five seconds. Somebody else keeps the time and calls
 * {@link #tick} once a second, from one thread.
 */
public final class NeedCheckTimer {
    /** Ticks without an allocation before the image is marked clean. */
    public static final int IDLE_TICKS = 5;

    private final PlainImage image;
    private long seenAllocations;
    private int idleTicks;

    public NeedCheckTimer(PlainImage image) {
        this.image = image;
    }

    /**
     * One second has passed.
     *
     * @throws IOException if the disk failed; the image stays marked as needing a check
     */
    public void tick() throws IOException {
        long allocations = image.allocations();
        idleTicks = allocations == seenAllocations ? idleTicks + 1 : 0;
        seenAllocations = allocations;
        if (idleTicks >= IDLE_TICKS) {
            image.clearNeedCheck();
        }
    }
}
