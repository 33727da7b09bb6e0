package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads many logs.
 *
 * <p>Others hand it tasks; those never wait for a poll that is running. The queue of tasks is under the lock of this object,
 * all else is the thread's: see {@link ReaderLoop}.
 */
final class LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);

    private final ReaderLoop loop;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean closed;

    LogReader(KafkaSettings settings, int number, TopicWatch watch) {
        String clientId = "reader-" + number;
        loop = new ReaderLoop(settings, clientId, watch, this::submit);
        thread = new Thread(this::run, "log-" + clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void read(Read read) {
        if (!submit(() -> loop.add(read))) {
            read.fail(isClosed());
        }
    }

    /** Lets the next read of this log ask for the topic's id first. */
    void distrust(LogName name) {
        submit(() -> loop.distrust(name));
    }

    private static LogException isClosed() {
        return new LogException.Unavailable("this node's logs were closed");
    }

    /** @return false if the thread takes no more */
    private boolean submit(Runnable task) {
        synchronized (this) {
            if (closed) {
                return false;
            }
            tasks.add(task);
            notifyAll();
        }
        if (Thread.currentThread() != thread) {
            loop.interruptPoll();
        }
        return true;
    }

    private void run() {
        boolean waits = true;
        while (runTasks(waits)) {
            try {
                waits = !loop.step(this::hasTasks);
            } catch (RuntimeException e) {
                LOG.error("unexpected error in {}", thread.getName(), e);
                loop.reset(KafkaErrors.of("read", e));
            }
        }
        loop.reset(isClosed());
    }

    private synchronized boolean hasTasks() {
        return !tasks.isEmpty() || closed;
    }

    /** @return false at the end */
    private boolean runTasks(boolean waits) {
        while (true) {
            Runnable task = next(waits);
            if (task == null) {
                break;
            }
            task.run();
            waits = false;
        }
        synchronized (this) {
            return !closed;
        }
    }

    private synchronized @Nullable Runnable next(boolean waits) {
        while (waits && tasks.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.debug("{} was interrupted, which means nothing to it", thread.getName());
            }
        }
        return tasks.poll();
    }

    /** Fails all reads that wait, and those that come. */
    void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        loop.interruptPoll();
        thread.join();
    }
}
