package io.qedstore.hosting;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after another, in the order in which they came, on the threads of another executor. */
public final class SerialExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

    private final Executor threads;

    /** Guarded by this object's monitor. */
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    private boolean running;

    public SerialExecutor(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            waiting.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        threads.execute(this::run);
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("a task has failed; please report this", e);
            }
        }
    }

    private synchronized @org.jspecify.annotations.Nullable Runnable next() {
        Runnable task = waiting.poll();
        running = task != null;
        return task;
    }
}
