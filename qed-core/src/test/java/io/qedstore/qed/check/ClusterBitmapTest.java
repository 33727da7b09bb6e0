package io.qedstore.qed.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** One bit per cluster, no more memory than it was given. */
class ClusterBitmapTest {
    @Test
    void aClusterIsMarkedOnce() throws CheckLimitException {
        ClusterBitmap bitmap = new ClusterBitmap(1 << 20);
        assertThat(bitmap.mark(5)).isTrue();
        assertThat(bitmap.mark(5)).isFalse();
        assertThat(bitmap.mark(Long.MAX_VALUE)).isTrue();
        assertThat(bitmap.mark(5)).isFalse();
        assertThat(bitmap.marked()).isEqualTo(2);
    }

    @Test
    void clustersFarApartCostOnePageEachUpToTheLimit() throws CheckLimitException {
        ClusterBitmap bitmap = new ClusterBitmap(2 * 4096);
        bitmap.mark(0);
        bitmap.mark(1L << 40);
        bitmap.mark(32767);
        assertThatThrownBy(() -> bitmap.mark(32768))
                .isInstanceOf(CheckLimitException.class)
                .hasMessageContaining("8192 bytes");
    }
}
