package io.qedstore.cli.download;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.api.ImageExport.Extent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Extents become ranges that are worth a request and fit into memory. */
class FetchRangeTest {
    private static FetchRange range(long... offsetsAndLengths) {
        return new FetchRange(extents(offsetsAndLengths));
    }

    private static List<Extent> extents(long... offsetsAndLengths) {
        Extent[] extents = new Extent[offsetsAndLengths.length / 2];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = new Extent(offsetsAndLengths[2 * i], offsetsAndLengths[2 * i + 1]);
        }
        return List.of(extents);
    }

    @Test
    void nothingIsFetchedOfAFileOfZeros() {
        assertThat(FetchRange.of(List.of(), 0, 10, 100)).isEmpty();
    }

    @Test
    void extentsNearEachOtherAreFetchedTogether() {
        assertThat(FetchRange.of(extents(0, 5, 14, 5, 29, 5), 0, 10, 100))
                .containsExactly(range(0, 5, 14, 5), range(29, 5));
    }

    @Test
    void noRangeIsLongerThanTheLimit() {
        assertThat(FetchRange.of(extents(3, 250), 0, 10, 100))
                .containsExactly(range(3, 100), range(103, 100), range(203, 50));
        assertThat(FetchRange.of(extents(0, 95, 99, 7), 0, 10, 100))
                .containsExactly(range(0, 95, 99, 1), range(100, 6));
        assertThat(FetchRange.of(extents(0, 95, 101, 7), 0, 10, 100)).containsExactly(range(0, 95), range(101, 7));
    }

    @Test
    void whatIsThereAlreadyIsNotFetched() {
        assertThat(FetchRange.of(extents(0, 50, 200, 50), 30, 10, 100)).containsExactly(range(30, 20), range(200, 50));
        assertThat(FetchRange.of(extents(0, 50, 200, 50), 50, 10, 100)).containsExactly(range(200, 50));
        assertThat(FetchRange.of(extents(0, 50, 200, 50), 250, 10, 100)).isEmpty();
    }

    @Test
    void aRangeKnowsItsEndsAndWhatOfItIsKept() {
        FetchRange range = range(10, 5, 20, 5);
        assertThat(range.start()).isEqualTo(10);
        assertThat(range.end()).isEqualTo(25);
        assertThat(range.lengthBytes()).isEqualTo(15);
        assertThat(range.pieceBytes()).isEqualTo(10);
    }
}
