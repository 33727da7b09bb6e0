package io.qedstore.device.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SharedFlushTest {
    private final AtomicInteger syncs = new AtomicInteger();

    @Test
    void oneAfterTheOtherHasASyncEach() throws IOException {
        SharedFlush flushes = new SharedFlush(syncs::incrementAndGet);
        for (int i = 1; i <= 3; i++) {
            Outcome outcome = new Outcome();
            flushes.flush(outcome);
            outcome.requireSuccess();
            assertThat(syncs).hasValue(i);
        }
    }

    @Test
    void thoseWhoAskDuringASyncShareTheNextAndNoneIsServedByTheOneUnderWay() throws Exception {
        // Deliberate bug: who comes during a sync is served by it.
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        SharedFlush flushes = new SharedFlush(() -> {
            if (syncs.incrementAndGet() == 1) {
                begun.countDown();
                awaitQuietly(go);
            }
        });
        Outcome first = new Outcome();
        Thread thread = new Thread(() -> flushes.flush(first));
        thread.start();
        begun.await();
        List<Outcome> later = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Outcome outcome = new Outcome();
            later.add(outcome);
            flushes.flush(outcome); // returns at once, for another thread syncs
        }
        assertThat(first.hasEnded()).isFalse();
        assertThat(later).noneMatch(Outcome::hasEnded);
        go.countDown();
        thread.join();
        first.requireSuccess();
        for (Outcome outcome : later) {
            outcome.requireSuccess();
        }
        assertThat(syncs).hasValue(2);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void everyFlushOfManyThreadsIsServedByASyncThatBeganAfterItAsked() throws Exception {
        // The clock counts events; a sync makes durable what was written before it began.
        AtomicLong written = new AtomicLong();
        AtomicLong durable = new AtomicLong();
        AtomicInteger running = new AtomicInteger();
        List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
        SharedFlush flushes = new SharedFlush(() -> {
            syncs.incrementAndGet();
            if (running.incrementAndGet() != 1) {
                failures.add(new AssertionError("two syncs at once"));
            }
            long before = written.get();
            Thread.onSpinWait();
            durable.set(before);
            running.decrementAndGet();
        });
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            threads.add(new Thread(() -> {
                try {
                    for (int i = 0; i < 2000; i++) {
                        long mine = written.incrementAndGet();
                        Outcome outcome = new Outcome();
                        flushes.flush(outcome);
                        outcome.requireSuccess();
                        if (durable.get() < mine) {
                            throw new AssertionError("a flush ended before its write was durable");
                        }
                    }
                } catch (IOException | AssertionError e) {
                    failures.add(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(syncs.get()).isLessThanOrEqualTo(16_000);
    }

    @Test
    void allWhoWaitForASyncThatFailsAreToldAndTheNextIsTriedAnew() throws IOException {
        SharedFlush flushes = new SharedFlush(() -> {
            if (syncs.incrementAndGet() == 1) {
                throw new IOException("No space left on device");
            }
        });
        Outcome failed = new Outcome();
        flushes.flush(failed);
        assertThat(failed.failure()).isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                .isEqualTo(DeviceError.NO_SPACE));
        Outcome next = new Outcome();
        flushes.flush(next);
        next.requireSuccess();
    }

    @Test
    void aSyncWithABugOrWithoutMemoryFailsItsFlushAndStopsNobodyAfterIt() throws IOException {
        // Deliberate bug: what is not an IOException leaves the sync as running, and all after it wait for ever.
        SharedFlush flushes = new SharedFlush(() -> {
            int sync = syncs.incrementAndGet();
            if (sync == 1) {
                throw new IllegalStateException("a bug");
            }
            if (sync == 2) {
                throw new OutOfMemoryError("for this test");
            }
        });
        for (DeviceError expected : List.of(DeviceError.IO, DeviceError.NO_MEMORY)) {
            Outcome failed = new Outcome();
            flushes.flush(failed);
            assertThat(failed.failure()).isInstanceOfSatisfying(BlockDeviceException.class, e -> assertThat(e.error())
                    .isEqualTo(expected));
        }
        Outcome next = new Outcome();
        flushes.flush(next);
        next.requireSuccess();
    }
}
