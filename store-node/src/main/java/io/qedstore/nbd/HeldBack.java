package io.qedstore.nbd;

import io.qedstore.device.Completion;
import io.qedstore.device.Throttle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Those requests of one connection, and steps of them, that wait for the device's {@link Throttle}. When the connection ends
 * they end with it, and do not wait for their turn. All methods are safe for many threads.
 */
final class HeldBack {
    private final Throttle throttle;

    /** Guarded by this object's monitor, as is why nobody may wait any more. */
    private final Set<Turn> waiting = new LinkedHashSet<>();

    private @Nullable IOException end;

    HeldBack(Throttle throttle) {
        this.throttle = throttle;
    }

    /** Lets a request begin without waiting, if it may. */
    boolean tryBegin(long lengthBytes) {
        return throttle.tryBegin(lengthBytes);
    }

    /** @param turn succeeds when the request may begin, and fails when the connection ends before that */
    void begin(long lengthBytes, Completion turn) {
        Turn waiter = new Turn(turn);
        if (add(waiter)) {
            throttle.begin(lengthBytes, waiter);
            if (hasEnded()) {
                throttle.withdraw(waiter); // it may have ended before the throttle knew this one
            }
        }
    }

    private boolean add(Turn waiter) {
        IOException cause;
        synchronized (this) {
            cause = end;
            if (cause == null) {
                return waiting.add(waiter);
            }
        }
        waiter.request.failed(cause);
        return false;
    }

    private synchronized boolean hasEnded() {
        return end != null;
    }

    private synchronized boolean remove(Turn waiter) {
        return waiting.remove(waiter);
    }

    /** Fails those that wait and those to come. */
    void end(IOException cause) {
        List<Turn> failed;
        synchronized (this) {
            end = cause;
            failed = new ArrayList<>(waiting);
            waiting.clear();
        }
        Collections.reverse(failed); // else each in turn would be the one that the throttle waits for
        for (Turn waiter : failed) {
            throttle.withdraw(waiter);
            waiter.request.failed(cause);
        }
    }

    private final class Turn implements Runnable {
        private final Completion request;

        Turn(Completion request) {
            this.request = request;
        }

        @Override
        public void run() {
            if (remove(this)) {
                request.succeeded();
            }
        }
    }
}
