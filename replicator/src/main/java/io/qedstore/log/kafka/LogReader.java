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
    /** Why no task is taken any more. */
    private @Nullable LogException over;

    LogReader(KafkaSettings settings, int number, TopicWatch watch) {
        String clientId = "reader-" + number;
        loop = new ReaderLoop(settings, clientId, watch, task -> submit(task) == null);
        thread = new Thread(this::run, "log-" + clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void read(Read read) {
        LogException why = submit(() -> loop.add(read));
        if (why != null) {
            read.fail(why);
        }
    }

    /** Lets the next read of this log ask for the topic's id first. */
    void distrust(LogName name) {
        LogException unused = submit(() -> loop.distrust(name));
    }

    /** @return why the thread takes no more, if it does not */
    private @Nullable LogException submit(Runnable task) {
        synchronized (this) {
            if (over != null) {
                return over;
            }
            tasks.add(task);
            notifyAll();
        }
        if (Thread.currentThread() != thread) {
            loop.interruptPoll();
        }
        return null;
    }

    private void run() {
        try {
            boolean waits = true;
            while (runTasks(waits)) {
                waits = !step();
            }
        } catch (RuntimeException | Error e) {
            endWith(new LogException.Unavailable(
                    "the thread " + thread.getName() + " has ended (" + e + "): start this node again", e));
            throw e;
        } finally {
            failAll();
        }
    }

    /** An error fails the reads, not the thread: with a new consumer it may well go on. */
    private boolean step() {
        try {
            return loop.step(this::hasTasks);
        } catch (RuntimeException | Error e) {
            loop.reset(new LogException.Unavailable("cannot read: " + e, e));
            LOG.error("unexpected error in {}; what it read has failed, and it begins anew", thread.getName(), e);
            return false;
        }
    }

    private void failAll() {
        LogException why;
        synchronized (this) {
            why = over;
        }
        if (why != null) {
            runTasks(false);
            loop.reset(why);
        }
    }

    private synchronized boolean hasTasks() {
        return !tasks.isEmpty() || over != null;
    }

    /** @return false at the end */
    private boolean runTasks(boolean waits) {
        boolean wait = waits;
        for (Runnable task = next(wait); task != null; task = next(wait)) {
            task.run();
            wait = false;
        }
        synchronized (this) {
            return over == null;
        }
    }

    private synchronized @Nullable Runnable next(boolean waits) {
        while (waits && tasks.isEmpty() && over == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.debug("{} was interrupted, which means nothing to it", thread.getName());
            }
        }
        return tasks.poll();
    }

    private synchronized void endWith(LogException why) {
        if (over == null) {
            over = why;
        }
        notifyAll();
    }

    /** Fails all reads that wait, and those that come. */
    void close() throws InterruptedException {
        endWith(new LogException.Unavailable("this node's logs were closed"));
        loop.interruptPoll();
        thread.join();
    }
}
