package io.qedstore.nbd;

import java.util.concurrent.atomic.AtomicBoolean;

/** One connection's, or one other user's, permission to write. Safe for many threads. */
public final class Attachment {
    private final Runnable onRelease;
    private final AtomicBoolean released = new AtomicBoolean();

    Attachment(Runnable onRelease) {
        this.onRelease = onRelease;
    }

    /** Of a connection that needs none. */
    static Attachment none() {
        return new Attachment(() -> {});
    }

    /** Gives it back; again does nothing. */
    public void release() {
        if (!released.getAndSet(true)) {
            onRelease.run();
        }
    }
}
