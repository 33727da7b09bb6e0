package io.qedstore.qed.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The layout of the first posted patch, byte for byte, and what becomes of it in the final one. */
class DraftHeaderTest {
    private static final String BYTES = "51454400" + "00100000" + "02000000" + "01000000"
            + "0100000000000000" + "0100000000000000" + "0010000000000000" + "0000100000000000"
            + "40000000" + "08000000" + "48000000" + "03000000";

    private static final DraftHeader HEADER =
            new DraftHeader(4096, 2, 1, 1, DraftHeader.BACKING_FORMAT, 4096, 1 << 20, 64, 8, 72, 3);

    @Test
    void everyByteOfTheHeaderIsAccountedFor() {
        ByteBuffer bytes = HEADER.encode(new byte[0]);
        assertThat(bytes).isEqualTo(ByteBuffer.wrap(HexFormat.of().parseHex(BYTES)));
        assertThat(DraftHeader.decode(bytes)).isEqualTo(HEADER);
    }

    @Test
    void theFormatsNameBecomesTheRawBit() {
        assertThat(HEADER.hasBackingFormat()).isTrue();
        QedHeader raw = HEADER.toFinal(true);
        assertThat(raw.features()).isEqualTo(FeatureBits.BACKING_FILE | FeatureBits.BACKING_FORMAT_NO_PROBE);
        assertThat(raw.compatFeatures()).isZero();
        assertThat(raw.l1TableOffset()).isEqualTo(4096);
        assertThat(raw.imageSize()).isEqualTo(1 << 20);
        assertThat(HEADER.toFinal(false).features()).isEqualTo(FeatureBits.BACKING_FILE);
    }

    @Test
    void theDraftKnowsOneFeatureAndWholeClustersOnly() throws QedFormatException {
        HEADER.check();
        assertThatThrownBy(() -> with(0x2, 1 << 20).check()).hasMessageStartingWith("Unsupported QED features: 2");
        assertThatThrownBy(() -> with(0x1, 0).check()).hasMessageStartingWith("QED image size is invalid");
        assertThatThrownBy(() -> with(0x1, 4608).check()).hasMessageStartingWith("QED image size is invalid");
    }

    private static DraftHeader with(long features, long imageSize) {
        return new DraftHeader(4096, 2, 1, features, 0, 4096, imageSize, 0, 0, 0, 0);
    }
}
