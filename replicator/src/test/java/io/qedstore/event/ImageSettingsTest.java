package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.ImageSettings.Limits;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How an image is served. */
class ImageSettingsTest {
    @Test
    void aLimitIsPositiveOrNone() {
        assertThat(new Limits(OptionalLong.of(1), OptionalLong.empty())).isNotEqualTo(Limits.NONE);
        assertThatThrownBy(() -> new Limits(OptionalLong.of(0), OptionalLong.empty()))
                .hasMessage("a limit of 0 requests in a second, expected 1 or more, or none");
        assertThatThrownBy(() -> new Limits(OptionalLong.empty(), OptionalLong.of(-1)))
                .hasMessage("a limit of -1 bytes in a second, expected 1 or more, or none");
    }
}
