package io.qedstore.device;

import java.io.IOException;

/** Told how a request ended: one of the two, once, by any thread. Must return at once. */
public interface Completion {
    void succeeded();

    void failed(IOException cause);

    /** Whether anybody still waits for it: a request that nobody waits for need not be begun. */
    default boolean isWanted() {
        return true;
    }
}
