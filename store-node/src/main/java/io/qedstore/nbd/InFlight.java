package io.qedstore.nbd;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;

/**
 * What one connection has in flight: requests, and the bytes that they hold of its own limit and of the server's budget.
 * Used by the connection's event loop.
 */
final class InFlight {
    private final ServerLimits limits;
    private final MemoryBudget budget;
    private final EventExecutor eventLoop;
    private final Runnable retry;
    private int requests;
    private int changes;
    private long bytes;

    /** Whether bytes were asked of the budget that are not there yet. */
    private boolean waiting;

    /** Bytes that the budget has granted and nobody has picked up yet. */
    private long grantedBytes;

    private boolean closed;

    /** @param retry run when a request that found no room may find it now */
    InFlight(ServerLimits limits, MemoryBudget budget, EventExecutor eventLoop, Runnable retry) {
        this.limits = limits;
        this.budget = budget;
        this.eventLoop = eventLoop;
        this.retry = retry;
    }

    /** Takes room for the bytes of one request; where this gives false, the same request asks again after a retry. */
    boolean admit(long wanted) {
        if (grantedBytes > 0) {
            grantedBytes = 0;
            return true;
        }
        if (waiting || (bytes > 0 && bytes + wanted > limits.maxConnectionBytes())) {
            return false;
        }
        if (budget.acquire(wanted, () -> granted(wanted))) {
            bytes += wanted;
            return true;
        }
        waiting = true;
        return false;
    }

    private void granted(long wanted) {
        try {
            eventLoop.execute(() -> {
                waiting = false;
                if (closed) {
                    budget.release(wanted);
                } else {
                    bytes += wanted;
                    grantedBytes = wanted;
                    retry.run();
                }
            });
        } catch (RejectedExecutionException e) {
            budget.release(wanted);
        }
    }

    /**
     * Takes room for the bytes of a request that has been let in before, and runs something then, now or later. It does not come
     * in the way of those that ask {@link #admit}.
     */
    void whenGranted(long wanted, Runnable action) {
        Runnable counted = () -> {
            bytes += wanted;
            action.run();
        };
        Runnable granted = () -> {
            try {
                eventLoop.execute(counted);
            } catch (RejectedExecutionException e) {
                budget.release(wanted);
            }
        };
        if (budget.acquire(wanted, granted)) {
            counted.run();
        }
    }

    /** Gives bytes back. */
    void release(long released) {
        if (released > 0) {
            bytes -= released;
            budget.release(released);
        }
    }

    boolean hasRoomForRequest() {
        return requests < limits.maxRequests();
    }

    void started(PendingRequest request) {
        requests++;
        changes += request.command().changes() ? 1 : 0;
    }

    void ended(PendingRequest request) {
        requests--;
        changes -= request.command().changes() ? 1 : 0;
    }

    int requests() {
        return requests;
    }

    boolean isIdle() {
        return requests == 0;
    }

    /** Requests under way that change the export. */
    int changes() {
        return changes;
    }

    /** Bytes of the budget that it holds. */
    long bytes() {
        return bytes;
    }

    /** The connection is gone; what its requests hold comes back as they end. */
    void close() {
        closed = true;
        release(grantedBytes);
        grantedBytes = 0;
    }
}
