package io.qedstore.nbd;

import java.util.ArrayList;
import java.util.List;

/**
 * Those who wait until a connection has been in touch with its client: until what had been sent by then was read, or so much
 * since that it must have been sent since. Used by the connection's event loop.
 */
final class TouchWaiters {
    /** More than what a client and the sockets between can hold that was sent and not read. */
    private static final long MAX_UNSEEN_BYTES = 32 << 20;

    private final List<Waiter> waiters = new ArrayList<>();

    private record Waiter(Runnable action, long enoughBytes) {}

    /** @param movedBytes over the connection so far */
    void add(Runnable action, long movedBytes) {
        waiters.add(new Waiter(action, movedBytes + MAX_UNSEEN_BYTES));
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    /**
     * Lets those go on who have waited for long enough.
     *
     * @param allRead whether all that was sent was read, as far as anybody can know
     */
    void answer(boolean allRead, long movedBytes) {
        if (waiters.isEmpty()) {
            return;
        }
        List<Waiter> ready = waiters.stream()
                .filter(waiter -> allRead || movedBytes >= waiter.enoughBytes())
                .toList();
        waiters.removeAll(ready);
        ready.forEach(waiter -> waiter.action().run());
    }
}
