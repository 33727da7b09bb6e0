package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final long KIB = 1024;
    private static final long LIMIT = 8000 * KIB;

    /** What requests that are not small may have. */
    private static final long SHARE = 7000 * KIB;

    private final MemoryBudget budget = new MemoryBudget(LIMIT);
    private final List<String> granted = new ArrayList<>();

    private boolean acquire(long bytes, String who) {
        return budget.acquire(bytes, () -> granted.add(who));
    }

    @Test
    void whatFitsIsTakenAtOnce() {
        assertThat(acquire(SHARE - 200 * KIB, "a")).isTrue();
        assertThat(acquire(200 * KIB, "b")).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(SHARE);
        assertThat(budget.isContended()).isFalse();
        assertThat(granted).isEmpty();
    }

    @Test
    void whoWaitsIsServedInOrderAndNobodyOvertakes() {
        // Deliberate bug: whoever fits goes first, so that a large request waits for ever.
        acquire(4000 * KIB, "a");
        assertThat(acquire(6000 * KIB, "first")).isFalse();
        assertThat(acquire(200 * KIB, "second")).isFalse();
        assertThat(budget.isContended()).isTrue();
        budget.release(4000 * KIB);
        assertThat(granted).containsExactly("first", "second");
        assertThat(budget.usedBytes()).isEqualTo(6200 * KIB);
        assertThat(budget.isContended()).isFalse();
    }

    @Test
    void smallRequestsDoNotWaitForLargeOnesAndWaitForEachOther() {
        // Deliberate bug: one queue for all; whoever holds a large part for long keeps everybody waiting.
        acquire(SHARE, "a");
        acquire(SHARE, "b");
        long taken = 0;
        while (acquire(64 * KIB, "small")) {
            taken++;
        }
        assertThat(taken * 64 * KIB).isBetween(LIMIT / 10, LIMIT / 8);
        assertThat(budget.usedBytes()).isLessThanOrEqualTo(LIMIT);
        budget.release(64 * KIB);
        assertThat(granted).containsExactly("small");
        budget.release(SHARE);
        assertThat(granted).containsExactly("small", "b");
    }

    @Test
    void whatIsLargerThanAllOfItIsTakenAlone() {
        acquire(100 * KIB, "a");
        assertThat(acquire(5 * LIMIT, "huge")).isFalse();
        budget.release(100 * KIB);
        assertThat(granted).containsExactly("huge");
        assertThat(acquire(100 * KIB, "b")).isFalse();
        budget.release(5 * LIMIT);
        assertThat(granted).containsExactly("huge", "b");
        assertThat(budget.usedBytes()).isEqualTo(100 * KIB);
    }

    @Test
    void manyThreadsNeverTakeMoreThanThereIsAndAllComeToTheirTurn() throws InterruptedException {
        // Deliberate bug: a check outside of the monitor.
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 2000; i++) {
                    long bytes = (1L + random.nextInt(3000)) * KIB;
                    CountDownLatch mine = new CountDownLatch(1);
                    if (budget.acquire(bytes, mine::countDown)) {
                        mine.countDown();
                    }
                    try {
                        if (!mine.await(20, TimeUnit.SECONDS)) {
                            return; // the count below is wrong then
                        }
                    } catch (InterruptedException e) {
                        return;
                    }
                    most.accumulateAndGet(held.addAndGet(bytes), Math::max);
                    held.addAndGet(-bytes);
                    budget.release(bytes);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most).hasValueLessThanOrEqualTo(LIMIT);
        assertThat(budget.usedBytes()).isZero();
        assertThat(budget.isContended()).isFalse();
    }
}
