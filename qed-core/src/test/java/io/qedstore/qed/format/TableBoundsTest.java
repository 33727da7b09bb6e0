package io.qedstore.qed.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which offsets a table entry may hold. */
class TableBoundsTest {
    private static final ImageGeometry SMALL = new ImageGeometry(4096, 2);

    @ParameterizedTest
    @CsvSource({
        "12287, 12288",
        "11777, 12288",
        "11776, 8192",
        "12288, 12288",
        "15872, 12288",
        "15873, 16384",
        "0, 0",
        "9223372036854775807, 9223372036854771712"
    })
    void aFileCountsInSectorsRoundedUpAndThenInClustersRoundedDown(long lengthBytes, long usableBytes) {
        assertThat(TableBounds.usableBytes(SMALL, lengthBytes)).isEqualTo(usableBytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {4096, 8192, 36864})
    void aClusterLiesBetweenTheHeaderAndTheEndOfTheFile(long entry) {
        assertThat(bounds(40960).isClusterOffset(entry)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 4095, 4097, 8193, 0, 40960, -4096, Long.MIN_VALUE, Long.MAX_VALUE - 4095})
    void anythingElseIsNoCluster(long entry) {
        assertThat(bounds(40960).isClusterOffset(entry)).isFalse();
    }

    @Test
    void aTableMustFitIntoTheFileWhole() {
        assertThat(bounds(40960).isTableOffset(32768)).isTrue();
        assertThat(bounds(40960).isTableOffset(36864)).isFalse();
        assertThat(bounds(Long.MAX_VALUE - 4095).isTableOffset(Long.MAX_VALUE - 4095 - 4096))
                .isFalse();
    }

    @Test
    void noTableOfOneClusterIsValidAnywhere() {
        TableBounds bounds = new TableBounds(new ImageGeometry(4096, 1), 4096, 40960);
        assertThat(bounds.isTableOffset(4096)).isFalse();
        assertThat(bounds.isTableOffset(8192)).isFalse();
    }

    private static TableBounds bounds(long usableBytes) {
        return new TableBounds(SMALL, 4096, usableBytes);
    }
}
