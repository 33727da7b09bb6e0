package io.qedstore.bench;

import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Appends by one thread, image after image, so that as many records as wanted are under way in all.
 *
 * @param maxBytes it ends before its time when it has written so much: a disk that cannot follow is not what is measured
 */
record AppendLoad(int images, int inFlight, int pieceBytes, double seconds, long maxBytes) {
    private static final int MICRO = 1_000;

    /** What it came to; times in microseconds, from the call to the return to the thread that has waited. */
    record Measured(double bytesPerSecond, double p50Micros, double p99Micros) {}

    Measured run(Appending to) throws Exception {
        Semaphore room = new Semaphore(inFlight);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Appending.Done done = new Appending.Done() {
            @Override
            public void acknowledged() {
                room.release();
            }

            @Override
            public void failed(Exception cause) {
                failure.set(cause);
                room.release();
            }
        };
        long[] nanos = new long[1 << 20];
        int count = 0;
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        while (System.nanoTime() < end && (long) count * pieceBytes < maxBytes && failure.get() == null) {
            room.acquire();
            long called = System.nanoTime();
            to.append(count % images, done);
            if (inFlight == 1) {
                room.acquire();
                room.release();
                nanos[count % nanos.length] = System.nanoTime() - called;
            }
            count++;
        }
        room.acquire(inFlight);
        double took = (System.nanoTime() - start) / 1e9;
        Exception cause = failure.get();
        if (cause != null) {
            throw cause;
        }
        long[] sorted = Arrays.copyOf(nanos, Math.min(count, nanos.length));
        Arrays.sort(sorted);
        return new Measured((double) count * pieceBytes / took, micros(sorted, 0.5), micros(sorted, 0.99));
    }

    private static double micros(long[] sorted, double part) {
        return (double) sorted[(int) (sorted.length * part)] / MICRO;
    }
}
