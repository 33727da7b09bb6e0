package io.qedstore.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time: tasks run in its order, in one thread, and nothing else happens. */
final class SimScheduler {
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
    private long nowMicros = 1_000_000;
    private long number;
    final Random random;

    private record Task(long at, long number, Runnable action) {}

    SimScheduler(Random random) {
        this.random = random;
    }

    long nowMicros() {
        return nowMicros;
    }

    void after(long micros, Runnable action) {
        tasks.add(new Task(nowMicros + Math.max(0, micros), number++, action));
    }

    /** Between nothing and so many microseconds. */
    long upTo(long micros) {
        return (long) (random.nextDouble() * micros);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    void runUntil(long micros) {
        while (!tasks.isEmpty() && tasks.element().at <= micros) {
            Task task = tasks.remove();
            nowMicros = task.at;
            task.action.run();
        }
        nowMicros = micros;
    }
}
