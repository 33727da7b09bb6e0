package io.qedstore.node;

import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The node's own threads; Kafka's, RocksDB's and the servers' come on top. They are never interrupted: that would close the files
 * that they use.
 *
 * @param workers run what may wait for a log or a disk
 * @param appliers put events into files
 * @param seeders make copies of other nodes' files
 * @param clock runs what is done every now and then
 */
record NodeThreads(
        ThreadPoolExecutor workers,
        ThreadPoolExecutor appliers,
        ThreadPoolExecutor seeders,
        ScheduledExecutorService clock) {
    private static final int WORKERS = 16;
    private static final int IDLE_SECONDS = 60;
    private static final int END_SECONDS = 10;

    /** @param seeders how many copies are made at a time */
    static NodeThreads start(int seeders) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new NodeThreads(
                pool("qedstore-work", WORKERS),
                pool("qedstore-apply", Math.max(4, 2 * processors)),
                pool("qedstore-seed", seeders),
                Executors.newScheduledThreadPool(2, named("qedstore-clock")));
    }

    private static ThreadPoolExecutor pool(String name, int count) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Waits for what runs. */
    void end() throws InterruptedException {
        clock.shutdown();
        workers.shutdown();
        appliers.shutdown();
        seeders.shutdown();
        for (java.util.concurrent.ExecutorService each : java.util.List.of(clock, workers, appliers, seeders)) {
            if (!each.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("tasks are still under way after " + END_SECONDS + " s");
            }
        }
    }
}
