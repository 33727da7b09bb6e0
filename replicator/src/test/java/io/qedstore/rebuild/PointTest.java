package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointTest {
    @Test
    void eachKindIsRead() {
        assertThat(Point.parse("latest")).isEqualTo(new Point.Latest());
        assertThat(Point.parse("seq:1042")).isEqualTo(new Point.AtSequence(new Sequence(1042)));
        assertThat(Point.parse("time:2026-11-22T12:00:00Z"))
                .isEqualTo(new Point.AtTime(Instant.parse("2026-11-22T12:00:00Z")));
        assertThat(Point.parse("snapshot:before-upgrade"))
                .isEqualTo(new Point.AtSnapshot(new SnapshotName("before-upgrade")));
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() {
        for (String text : List.of("latest", "seq:0", "seq:7", "time:2026-11-22T12:00:00.250Z", "snapshot:a")) {
            assertThat(Point.parse(text)).hasToString(text);
        }
    }

    @Test
    void anythingElseIsRefusedWithWhatIsExpected() {
        for (String text : List.of(
                "",
                ":",
                "Latest",
                "latest:",
                "seq",
                "seq:",
                "seq:x",
                "seq:99999999999999999999",
                "time:",
                "time:noon",
                "time:2026-11-22",
                "at:7")) {
            assertThatThrownBy(() -> Point.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected latest, seq:N, time:");
        }
        for (String text : List.of("seq:-1", "snapshot:", "snapshot:a b")) {
            assertThatThrownBy(() -> Point.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
