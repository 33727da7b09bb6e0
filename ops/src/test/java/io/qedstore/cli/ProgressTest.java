package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Without a terminal, long work prints a line every ten seconds and short work none. */
class ProgressTest {
    @Test
    void aLineComesEveryTenSeconds() {
        StringWriter err = new StringWriter();
        AtomicLong nanos = new AtomicLong();
        try (Progress progress = Progress.inLines("converting", new PrintWriter(err, true), nanos::get)) {
            for (int second = 0; second <= 25; second++) {
                nanos.set(second * 1_000_000_000L);
                progress.at(second << 20, 50 << 20);
            }
        }
        assertThat(err.toString().lines())
                .containsExactly("converting: 10 MiB of 50 MiB (20 %)", "converting: 20 MiB of 50 MiB (40 %)");
    }
}
