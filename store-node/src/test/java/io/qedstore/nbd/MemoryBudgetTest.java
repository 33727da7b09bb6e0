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
    private final MemoryBudget budget = new MemoryBudget(100);
    private final List<String> granted = new ArrayList<>();

    private boolean acquire(long bytes, String who) {
        return budget.acquire(bytes, () -> granted.add(who));
    }

    @Test
    void what_fits_is_taken_at_once() {
        assertThat(acquire(60, "a")).isTrue();
        assertThat(acquire(40, "b")).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(100);
        assertThat(budget.isContended()).isFalse();
        assertThat(granted).isEmpty();
    }

    @Test
    void who_waits_is_served_in_order_and_small_ones_do_not_overtake() {
        // Deliberate bug: whoever fits goes first, so that a large request waits for ever.
        acquire(60, "a");
        assertThat(acquire(80, "large")).isFalse();
        assertThat(acquire(1, "small")).isFalse();
        assertThat(budget.isContended()).isTrue();
        budget.release(10);
        assertThat(granted).isEmpty();
        budget.release(50);
        assertThat(granted).containsExactly("large", "small");
        assertThat(budget.usedBytes()).isEqualTo(81);
        assertThat(budget.isContended()).isFalse();
    }

    @Test
    void what_is_larger_than_all_of_it_is_taken_alone() {
        acquire(1, "a");
        assertThat(acquire(500, "huge")).isFalse();
        budget.release(1);
        assertThat(granted).containsExactly("huge");
        assertThat(acquire(1, "b")).isFalse();
        budget.release(500);
        assertThat(granted).containsExactly("huge", "b");
        assertThat(budget.usedBytes()).isOne();
    }

    @Test
    void many_threads_never_take_more_than_there_is_and_all_come_to_their_turn() throws InterruptedException {
        // Deliberate bug: a check outside of the monitor.
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 2000; i++) {
                    long bytes = 1L + random.nextInt(100);
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
        assertThat(most).hasValueLessThanOrEqualTo(100);
        assertThat(budget.usedBytes()).isZero();
        assertThat(budget.isContended()).isFalse();
    }
}
