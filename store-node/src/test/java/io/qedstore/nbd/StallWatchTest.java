package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StallWatchTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int MIB = 1 << 20;

    private final StallWatch watch = new StallWatch();

    private boolean stalled(boolean held, long second) {
        return watch.isStalled(held ? 1 : 0, 5 * SECOND + second * SECOND, Duration.ofSeconds(10));
    }

    @Test
    void who_holds_and_moves_nothing_is_stalled_after_the_deadline() {
        watch.moved(100 * MIB);
        assertThat(stalled(true, 0)).isFalse();
        watch.moved(MIB - 1);
        assertThat(stalled(true, 9)).isFalse();
        assertThat(stalled(true, 10)).isTrue();
    }

    @Test
    void who_moves_enough_in_each_deadline_is_not() {
        for (int second = 0; second < 100; second += 10) {
            assertThat(stalled(true, second)).isFalse();
            watch.moved(MIB);
        }
        assertThat(stalled(true, 100)).isFalse();
        assertThat(stalled(true, 110)).isTrue();
    }

    @Test
    void who_held_nothing_in_between_begins_anew() {
        stalled(true, 0);
        assertThat(stalled(false, 9)).isFalse();
        assertThat(stalled(true, 11)).isFalse();
        assertThat(stalled(true, 20)).isFalse();
        assertThat(stalled(true, 21)).isTrue();
    }

    @Test
    void the_clock_may_be_negative_and_wrap() {
        Duration deadline = Duration.ofNanos(100);
        assertThat(watch.isStalled(1, Long.MAX_VALUE - 10, deadline)).isFalse();
        assertThat(watch.isStalled(1, Long.MAX_VALUE + 50, deadline)).isFalse();
        assertThat(watch.isStalled(1, Long.MAX_VALUE + 90, deadline)).isTrue();
    }
}
