package io.qedstore.qed.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, and the arithmetic at both ends of what they can be. */
class ImageGeometryTest {
    private static final int IMPOSSIBLE = -1;

    /** Exponents of two, by cluster size (2^12 to 2^26) and table size (1 to 16); -1 stands for a maximum of 0. */
    @ParameterizedTest
    @CsvSource({
        "12, 30, 32, 34, 36, 38",
        "13, 33, 35, 37, 39, 41",
        "14, 36, 38, 40, 42, 44",
        "15, 39, 41, 43, 45, 47",
        "16, 42, 44, 46, 48, 50",
        "17, 45, 47, 49, 51, 53",
        "18, 48, 50, 52, 54, 56",
        "19, 51, 53, 55, 57, 59",
        "20, 54, 56, 58, 60, 62",
        "21, 57, 59, 61, 63, -1",
        "22, 60, 62, -1, -1, -1",
        "23, 63, -1, -1, -1, -1",
        "24, -1, -1, -1, -1, -1",
        "25, -1, -1, -1, -1, -1",
        "26, -1, -1, -1, -1, -1"
    })
    void theLargestImageIsThatOfTheFormatEvaluatedModuloTwoToThe64(
            int clusterBits, int table1, int table2, int table4, int table8, int table16) {
        int[] exponents = {table1, table2, table4, table8, table16};
        for (int i = 0; i < exponents.length; i++) {
            ImageGeometry geometry = new ImageGeometry(1 << clusterBits, 1 << i);
            long expected = exponents[i] == IMPOSSIBLE ? 0 : 1L << exponents[i];
            assertThat(geometry.maxImageSize()).as(geometry.toString()).isEqualTo(expected);
            assertThat(geometry.permitsImageSize(0)).isTrue();
            assertThat(geometry.permitsImageSize(expected)).isTrue();
            assertThat(geometry.permitsImageSize(expected + 512)).isFalse();
            assertThat(geometry.permitsImageSize(513)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 2048, 4095, 6144, 128 << 20, 1L << 32, (1L << 32) + 4096, -4096})
    void whatIsNoPowerOfTwoFrom4KiBTo64MiBIsNoClusterSize(long value) {
        assertThat(ImageGeometry.isClusterSize(value)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 5, 17, 32, (1L << 32) + 4, -1})
    void whatIsNoPowerOfTwoFrom1To16IsNoTableSize(long value) {
        assertThat(ImageGeometry.isTableSize(value)).isFalse();
    }

    @Test
    void sizesThatCannotBeAreRefusedByTheirName() {
        assertThatThrownBy(() -> new ImageGeometry(6144, 4)).hasMessageContaining("cluster size 6144");
        assertThatThrownBy(() -> new ImageGeometry(4096, 3)).hasMessageContaining("table size 3");
    }

    @Test
    void aGuestOffsetSplitsIntoL1IndexL2IndexAndOffsetInTheCluster() {
        ImageGeometry geometry = new ImageGeometry(65536, 4);
        long guestOffset = 5 * geometry.l2SpanBytes() + 7 * 65536L + 9;
        assertThat(geometry.entriesPerTable()).isEqualTo(32768);
        assertThat(geometry.l2SpanBytes()).isEqualTo(2L << 30);
        assertThat(geometry.l1Index(guestOffset)).isEqualTo(5);
        assertThat(geometry.l2Index(guestOffset)).isEqualTo(7);
        assertThat(geometry.offsetInCluster(guestOffset)).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource({"1048576, 16, 4611686018427387904", "4194304, 2, 4611686018427387904", "2097152, 8, 9223372035781033984"
    })
    void theLastByteOfTheLargestImagesHasItsPlace(int clusterSize, int tableSize, long sizeBytes) {
        ImageGeometry geometry = new ImageGeometry(clusterSize, tableSize);
        long last = sizeBytes - 1;
        assertThat(geometry.l1Index(last)).isEqualTo(geometry.l1EntriesFor(sizeBytes) - 1);
        assertThat(geometry.l1Index(last) * geometry.l2SpanBytes()
                        + geometry.l2Index(last) * (long) clusterSize
                        + geometry.offsetInCluster(last))
                .isEqualTo(last);
        assertThat(geometry.ceilToCluster(last)).isEqualTo(sizeBytes);
        assertThat(geometry.clustersFor(sizeBytes)).isEqualTo(sizeBytes / clusterSize);
    }

    @Test
    void clustersAreCountedWithATrueCeilingDivision() {
        ImageGeometry geometry = new ImageGeometry(4096, 16);
        assertThat(geometry.clustersFor(0)).isZero();
        assertThat(geometry.clustersFor(1)).isEqualTo(1);
        assertThat(geometry.clustersFor(4095 * 4096L)).isEqualTo(4095);
        assertThat(geometry.clustersFor(4095 * 4096L + 1)).isEqualTo(4096);
    }

    @Test
    void anImageUsesOneL1EntryForEachSpanThatItBegins() {
        ImageGeometry geometry = new ImageGeometry(4096, 2);
        assertThat(geometry.l1EntriesFor(0)).isZero();
        assertThat(geometry.l1EntriesFor(512)).isEqualTo(1);
        assertThat(geometry.l1EntriesFor(4 << 20)).isEqualTo(1);
        assertThat(geometry.l1EntriesFor((4 << 20) + 512)).isEqualTo(2);
    }
}
