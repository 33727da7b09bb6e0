package io.qedstore.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.ImageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubMarksTest {
    private static final ImageId ONE = ImageId.of(1, 1);
    private static final ImageId GONE = ImageId.of(1, 2);

    private final Path file;

    ScrubMarksTest(@TempDir Path folder) {
        this.file = folder.resolve("scrubs");
    }

    private ScrubMarks load() {
        return ScrubMarks.load(file, () -> 1_000_000);
    }

    /** Deliberate bug: what is forgotten is forgotten in memory alone, or not at all. */
    @Test
    void ofAnImageThatIsNotHereAnyMoreNothingIsKept() throws IOException {
        ScrubMarks marks = load();
        marks.passed(ONE, 5, 0);
        marks.passed(GONE, 7, 1);
        marks.ask(GONE);
        marks.keepOnly(Set.of(ONE));
        assertThat(Files.readString(file)).contains(ONE.toString()).doesNotContain(GONE.toString());
        assertThat(load().of(ONE)).isEqualTo(marks.of(ONE)).isPresent();
        assertThat(marks.of(GONE)).isEmpty();
        assertThat(marks.isDue(GONE, Duration.ZERO)).as("that it was asked for").isFalse();
    }
}
