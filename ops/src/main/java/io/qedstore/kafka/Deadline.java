package io.qedstore.kafka;

import java.time.Duration;

/** Until when to look for something again and again. */
record Deadline(long endNanos) {
    private static final long PAUSE_MS = 50;

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Waits a moment; false once the time is over. */
    boolean goesOn() throws InterruptedException {
        if (System.nanoTime() - endNanos >= 0) {
            return false;
        }
        Thread.sleep(PAUSE_MS);
        return true;
    }
}
