package io.qedstore.cli.download;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waits before the next try. */
@FunctionalInterface
public interface Pause {
    /** Waits by the clock. */
    Pause BY_THE_CLOCK = length -> {
        try {
            Thread.sleep(length.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted between two tries");
        }
    };

    void of(Duration length) throws InterruptedIOException;
}
