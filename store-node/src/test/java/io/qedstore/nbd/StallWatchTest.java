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
    void whoHoldsAndMovesNothingIsStalledAfterTheDeadline() {
        watch.moved(100 * MIB);
        assertThat(stalled(true, 0)).isFalse();
        watch.moved(MIB - 1);
        assertThat(stalled(true, 9)).isFalse();
        assertThat(stalled(true, 10)).isTrue();
    }

    @Test
    void whoMovesEnoughInEachDeadlineIsNot() {
        for (int second = 0; second < 100; second += 10) {
            assertThat(stalled(true, second)).isFalse();
            watch.moved(MIB);
        }
        assertThat(stalled(true, 100)).isFalse();
        assertThat(stalled(true, 110)).isTrue();
    }

    @Test
    void whoHeldNothingInBetweenBeginsAnew() {
        stalled(true, 0);
        assertThat(stalled(false, 9)).isFalse();
        assertThat(stalled(true, 11)).isFalse();
        assertThat(stalled(true, 20)).isFalse();
        assertThat(stalled(true, 21)).isTrue();
    }

    @Test
    void theClockMayBeNegativeAndWrap() {
        Duration deadline = Duration.ofNanos(100);
        assertThat(watch.isStalled(1, Long.MAX_VALUE - 10, deadline)).isFalse();
        assertThat(watch.isStalled(1, Long.MAX_VALUE + 50, deadline)).isFalse();
        assertThat(watch.isStalled(1, Long.MAX_VALUE + 90, deadline)).isTrue();
    }
}
