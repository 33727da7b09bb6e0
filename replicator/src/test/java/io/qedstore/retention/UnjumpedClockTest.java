package io.qedstore.retention;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnjumpedClockTest {
    private static final long HOUR = 3_600_000_000L;

    private long wallMicros = 1_000 * HOUR;
    private long nanos = 5;
    private final UnjumpedClock clock = new UnjumpedClock(() -> wallMicros, () -> nanos);

    private void pass(long micros) {
        wallMicros += micros;
        nanos += micros * 1000;
    }

    @Test
    void itGoesWithTheWallClockThatGoesRight() {
        pass(HOUR);
        assertThat(clock.getAsLong()).isEqualTo(1_001 * HOUR);
    }

    @Test
    void itDoesNotJumpAhead() {
        wallMicros += 24 * HOUR;
        assertThat(clock.getAsLong()).isEqualTo(1_000 * HOUR);
        pass(HOUR);
        assertThat(clock.getAsLong()).isEqualTo(1_001 * HOUR);
        wallMicros -= 24 * HOUR;
        assertThat(clock.getAsLong()).isEqualTo(1_001 * HOUR);
    }

    @Test
    void itIsSetBackWithTheOther() {
        wallMicros -= HOUR;
        pass(HOUR / 2);
        assertThat(clock.getAsLong()).isEqualTo(1_000 * HOUR - HOUR / 2);
    }
}
