package io.qedstore.device;

import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Time that passes when a test says so, and a timer that goes by it; what is due is run by whoever lets time pass. */
public final class ManualTime extends AbstractExecutorService implements ScheduledExecutorService {
    /** Guarded by this object's monitor, as is the time. */
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();

    private long nowNanos = Long.MAX_VALUE - 1_000_000; // it overflows soon, as System.nanoTime may
    private long scheduled;
    private boolean shutDown;

    private final class Task extends FutureTask<@Nullable Void> implements ScheduledFuture<@Nullable Void> {
        private final long atNanos;
        private final long number;

        Task(Runnable action, long atNanos, long number) {
            super(action, null);
            this.atNanos = atNanos;
            this.number = number;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Task task = (Task) other;
            return atNanos == task.atNanos
                    ? Long.compare(number, task.number)
                    : Long.compare(atNanos - task.atNanos, 0);
        }
    }

    public synchronized long nanoTime() {
        return nowNanos;
    }

    /** How often something was scheduled. */
    public synchronized long scheduled() {
        return scheduled;
    }

    /** Nanoseconds until something is due; negative if nothing is scheduled. */
    public synchronized long untilNext() {
        tasks.removeIf(Task::isCancelled);
        Task next = tasks.peek();
        return next == null ? -1 : next.atNanos - nowNanos;
    }

    public void pass(long amount, TimeUnit unit) {
        long end = nanoTime() + unit.toNanos(amount);
        for (Task due = next(end); due != null; due = next(end)) {
            due.run();
        }
        synchronized (this) {
            nowNanos = end;
        }
    }

    private synchronized @Nullable Task next(long end) {
        Task next = tasks.peek();
        if (next == null || next.atNanos - end > 0) {
            return null;
        }
        nowNanos = next.atNanos;
        return tasks.poll();
    }

    @Override
    public synchronized ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        if (shutDown) {
            throw new RejectedExecutionException("this timer was shut down");
        }
        Task task = new Task(command, nowNanos + unit.toNanos(delay), scheduled++);
        tasks.add(task);
        return task;
    }

    @Override
    public synchronized void shutdown() {
        shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        return List.of();
    }

    @Override
    public synchronized boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody needs it");
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody needs it");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("nobody needs it");
    }
}
