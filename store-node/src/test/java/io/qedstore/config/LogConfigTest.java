package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.kafka.LogDurability;
import io.qedstore.log.kafka.LogSettings;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogConfigTest {
    private static final Optional<Integer> AUTO = Optional.empty();

    @Test
    void theNumberOfBrokersChoosesWhatIsNotSet() {
        LogConfig auto = config(AUTO, AUTO, Optional.empty());
        assertThat(auto.settings(1)).isEqualTo(LogSettings.ofOneBroker());
        assertThat(auto.settings(2)).isEqualTo(new LogSettings(2, 1, LogDurability.FSYNC));
        assertThat(auto.settings(3)).isEqualTo(LogSettings.ofThreeBrokers());
        assertThat(auto.settings(9)).isEqualTo(LogSettings.ofThreeBrokers());
    }

    @Test
    void whatIsSetHolds() {
        assertThat(config(Optional.of(5), AUTO, Optional.empty()).settings(9))
                .isEqualTo(new LogSettings(5, 4, LogDurability.REPLICATED));
        assertThat(config(AUTO, Optional.of(1), Optional.empty()).settings(3))
                .isEqualTo(new LogSettings(3, 1, LogDurability.FSYNC));
        assertThat(config(AUTO, AUTO, Optional.of(LogDurability.PAGE_CACHE)).settings(1))
                .isEqualTo(new LogSettings(1, 1, LogDurability.PAGE_CACHE));
        assertThat(config(AUTO, AUTO, Optional.of(LogDurability.REPLICATED)).settings(2))
                .isEqualTo(new LogSettings(2, 2, LogDurability.REPLICATED));
    }

    @Test
    void whatFewBrokersCannotHoldIsRefused() {
        assertThatThrownBy(() -> config(AUTO, AUTO, Optional.of(LogDurability.REPLICATED))
                        .settings(1))
                .hasMessageContaining("min.insync.replicas of 2; from 1 to the replication factor, which is 1");
    }

    private static LogConfig config(
            Optional<Integer> factor, Optional<Integer> inSync, Optional<LogDurability> durability) {
        return new LogConfig(factor, inSync, durability, Optional.empty());
    }
}
