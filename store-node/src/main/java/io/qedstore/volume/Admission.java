package io.qedstore.volume;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets changes of an image in while there is room for their bytes, in the order in which they came. Those that wait keep nobody
 * else waiting: they are run later. All methods are safe for many threads.
 */
final class Admission {
    private final LongSupplier usedBytes;
    private final long limitBytes;
    private final PendingBudget budget;
    private final Executor executor;

    /** Guarded by this object's monitor. */
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    private boolean held;
    private boolean ended;

    /**
     * @param budget of all images together
     * @param executor runs what had to wait
     */
    Admission(LongSupplier usedBytes, long limitBytes, PendingBudget budget, Executor executor) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
        this.budget = budget;
        this.executor = executor;
    }

    /** Whether a change may go in now, before all that waits: none does. */
    synchronized boolean isOpen() {
        return ended || (!held && waiting.isEmpty() && hasRoom());
    }

    private boolean hasRoom() {
        return usedBytes.getAsLong() < limitBytes && !budget.isFull();
    }

    /** Runs a change, now or later. */
    void enter(Runnable entering) {
        @Nullable Runnable change = entering;
        synchronized (this) {
            if (!isOpen()) {
                waiting.add(change);
                change = null;
            }
        }
        if (change == null) {
            proceed(); // there may be room since, and nobody else to notice
        } else {
            change.run();
        }
    }

    /** There may be room again: lets the next one in, and the one behind it when that has taken its bytes. */
    void proceed() {
        Runnable next;
        synchronized (this) {
            boolean waitsForOthers = !ended && !held && !waiting.isEmpty() && budget.await(this);
            boolean isFull = waitsForOthers || (!ended && (held || usedBytes.getAsLong() >= limitBytes));
            next = isFull ? null : waiting.poll();
        }
        if (next != null) {
            Runnable change = next;
            executor.execute(() -> {
                try {
                    change.run();
                } finally {
                    proceed();
                }
            });
        }
    }

    /** Lets nobody in, until it is told to. A change that was let in before may not be planned yet. */
    synchronized void hold() {
        held = true;
    }

    /** Lets changes in again. */
    void letGo() {
        synchronized (this) {
            held = false;
        }
        proceed();
    }

    /** Lets those in who wait: they will find that no answer comes now. */
    void clear() {
        List<Runnable> all;
        synchronized (this) {
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(executor::execute);
    }

    /** Lets everybody in: they will find that it is over. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        proceed();
    }
}
