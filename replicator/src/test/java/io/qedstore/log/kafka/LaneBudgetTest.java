package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LaneBudgetTest {
    private static final ProducerSettings SETTINGS = ProducerSettings.standard();

    private final LaneBudget budget = new LaneBudget(SETTINGS);

    @Test
    void allComesBackWhateverTheOrder() {
        int[] sizes = {4096, 100, 600_000, 0, 2_000_000, 4096, 4096, 512};
        long bytes = 0;
        for (int i = 0; i < sizes.length; i++) {
            assertThat(budget.take(i, bytes, sizes[i])).isTrue();
            bytes += sizes[i];
        }
        int left = sizes.length;
        for (int size : sizes) {
            left--;
            bytes -= size;
            budget.giveBack(left, bytes, size);
        }
        assertThat(budget.freeBytes()).isEqualTo(SETTINGS.bufferBytes());
    }

    @Test
    void theFirstRecordsOfALogTakeAWholeBatchEach() {
        assertThat(budget.take(0, 0, 10)).isTrue();
        assertThat(budget.freeBytes()).isBetween(SETTINGS.bufferBytes() - 300_000L, SETTINGS.bufferBytes() - 262_144L);
        assertThat(budget.take(6, 60, 10)).isTrue();
        assertThat(budget.freeBytes()).isGreaterThan(SETTINGS.bufferBytes() - 300_000L);
    }

    @Test
    void thereIsAnEnd() {
        int records = 0;
        while (budget.take(0, 0, 4096)) {
            records++;
        }
        assertThat(records).isBetween(100, 128);
        assertThat(budget.freeBytes()).isNotNegative();
    }
}
