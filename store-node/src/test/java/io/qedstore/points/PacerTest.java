package io.qedstore.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PacerTest {
    private long nanos;

    /** A clock that goes on by 50 ms whenever it is looked at. */
    private long look() {
        nanos += 50_000_000;
        return nanos;
    }

    @Test
    void soManyBytesTakeAtLeastTheTimeThatTheRateGivesThem() throws IOException {
        Pacer pacer = new Pacer(OptionalLong.of(1000), this::look, () -> false);
        long before = nanos;
        for (int i = 0; i < 10; i++) {
            pacer.copied(200);
        }
        assertThat(nanos - before).isGreaterThanOrEqualTo(1_900_000_000L);
    }

    @Test
    void withoutARateNothingWaits() throws IOException {
        Pacer pacer = new Pacer(OptionalLong.empty(), this::look, () -> false);
        long before = nanos;
        pacer.copied(Integer.MAX_VALUE);
        assertThat(nanos).isEqualTo(before);
    }

    @Test
    void itEndsTheCopyingWhenTheNodeStops() {
        AtomicBoolean stopping = new AtomicBoolean(true);
        Pacer pacer = new Pacer(OptionalLong.empty(), this::look, stopping::get);
        assertThatThrownBy(() -> pacer.copied(1)).isInstanceOf(InterruptedIOException.class);
    }
}
