package io.qedstore.nbd;

import io.netty.util.concurrent.EventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Brings requests that ended on other threads back to the connection's event loop; those that end together come together. */
final class CompletionQueue {
    private final EventExecutor eventLoop;
    private final Consumer<Queue<PendingRequest>> drain;
    private final Queue<PendingRequest> ended = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** @param drain runs on the event loop and takes all there is */
    CompletionQueue(EventExecutor eventLoop, Consumer<Queue<PendingRequest>> drain) {
        this.eventLoop = eventLoop;
        this.drain = drain;
    }

    /** Called by any thread. */
    void add(PendingRequest request) {
        ended.add(request);
        if (!scheduled.getAndSet(true)) {
            try {
                eventLoop.execute(this::run);
            } catch (RejectedExecutionException e) {
                drainAlone(); // the server is gone, and the connection with it
            }
        }
    }

    /** Takes what ends after the event loop: there is nobody left to answer, but memory to be given back. */
    private synchronized void drainAlone() {
        run();
    }

    private void run() {
        scheduled.set(false);
        drain.accept(ended);
    }
}
