package io.qedstore.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ByteRateTest {
    private long nanos;

    /** A clock that goes on by 50 ms whenever it is looked at. */
    private long look() {
        nanos += 50_000_000;
        return nanos;
    }

    @Test
    void soManyBytesTakeAtLeastTheTimeThatTheRateGivesThem() throws IOException {
        ByteRate rate = new ByteRate(1000, this::look);
        long before = nanos;
        for (int i = 0; i < 10; i++) {
            rate.take(200, () -> {});
        }
        assertThat(nanos - before).isGreaterThanOrEqualTo(1_900_000_000L);
    }

    @Test
    void withoutARateNothingWaits() throws IOException {
        ByteRate rate = new ByteRate(0, this::look);
        long before = nanos;
        rate.take(Long.MAX_VALUE, () -> {});
        assertThat(nanos).isEqualTo(before);
    }

    /** Deliberate bug: who waits is not asked again before all of its time is over. */
    @Test
    void whoHasNothingToDoAnyMoreWaitsNoLonger() {
        ByteRate rate = new ByteRate(1, this::look);
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(() -> rate.take(1 << 20, () -> {
                    if (asked.incrementAndGet() == 3) {
                        throw new IOException("the node stops");
                    }
                }))
                .hasMessage("the node stops");
    }
}
