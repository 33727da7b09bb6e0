package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LaneBudgetTest {
    private static final ProducerSettings SETTINGS = ProducerSettings.standard();

    private final LaneBudget budget = new LaneBudget(SETTINGS);

    private final LaneBudget.Share share = new LaneBudget.Share();

    @Test
    void allComesBackWhateverTheOrder() {
        int[] sizes = {4096, 100, 600_000, 0, 2_000_000, 4096, 4096, 512};
        for (int size : sizes) {
            assertThat(budget.take(share, size, 0)).isTrue();
        }
        for (int size : sizes) {
            budget.giveBack(share, size);
        }
        assertThat(share.isEmpty()).isTrue();
        assertThat(budget.freeBytes()).isEqualTo(SETTINGS.bufferBytes());
    }

    @Test
    void theFirstRecordsOfALogTakeAWholeBatchEach() {
        for (int i = 0; i < LaneBudget.BATCHES_UNDER_WAY; i++) {
            assertThat(takenBy(10)).isEqualTo(SETTINGS.batchBytes());
        }
        assertThat(takenBy(10)).isLessThan(5_000);
        assertThat(takenBy(10)).isLessThan(500);
    }

    @Test
    void aRecordThatFillsABatchTakesNoMoreThanItself() {
        assertThat(takenBy(600_000)).isBetween(600_000L, 601_000L);
    }

    @Test
    void whatFindsNoRoomTakesNone() {
        int records = 0;
        while (budget.take(new LaneBudget.Share(), 4096, 0)) {
            records++;
        }
        assertThat(records).isEqualTo(SETTINGS.bufferBytes() / SETTINGS.batchBytes());
        assertThat(budget.take(share, 4096, 0)).isFalse();
        assertThat(share.isEmpty()).isTrue();
        assertThat(budget.freeBytes()).isZero();
    }

    private long takenBy(int recordBytes) {
        long before = budget.freeBytes();
        assertThat(budget.take(share, recordBytes, 0)).isTrue();
        return before - budget.freeBytes();
    }

    @Test
    void whoeverAsksForRoomToSpareIsRefusedBeforeTheLast() {
        long before = budget.freeBytes();
        int all = Math.toIntExact(before);
        assertThat(budget.take(share, 4096, all)).isFalse();
        assertThat(budget.freeBytes()).isEqualTo(before);
        assertThat(share.isEmpty()).isTrue();
        assertThat(budget.take(share, 4096, all / 2)).isTrue();
    }
}
