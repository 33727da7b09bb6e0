package io.qedstore.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CheckpointRuleTest {
    private static final CheckpointRule RULE = new CheckpointRule(1000, Duration.ofSeconds(10));

    @Test
    void oneIsDueByTheTailOrByAgeAndNeverWhereNothingWasWritten() {
        assertThat(RULE.isDue(5, 4, 999, 9_999_999)).isFalse();
        assertThat(RULE.isDue(5, 4, 1000, 0)).isTrue();
        assertThat(RULE.isDue(5, 4, 0, 10_000_000)).isTrue();
        assertThat(RULE.isDue(5, 5, 5000, 90_000_000)).isFalse();
        assertThat(RULE.isDue(0, 0, 0, 90_000_000)).isFalse();
    }
}
