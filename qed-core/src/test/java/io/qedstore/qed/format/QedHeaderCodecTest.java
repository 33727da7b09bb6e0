package io.qedstore.qed.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The final layout, byte for byte. */
class QedHeaderCodecTest {
    private static final QedHeader HEADER = new QedHeader(
            0x80706050L,
            0x84736251L,
            0xf4e3d2c1L,
            0x1112131415161718L,
            0x2122232425262728L,
            0xb1b2b3b4b5b6b7b8L,
            0x4142434445464748L,
            0xd1d2d3d4d5d6d7d8L,
            0xe1e2e3e4L,
            0xf1f2f3f4L);

    private static final String BYTES = "51454400" + "50607080" + "51627384" + "c1d2e3f4"
            + "1817161514131211" + "2827262524232221" + "b8b7b6b5b4b3b2b1" + "4847464544434241"
            + "d8d7d6d5d4d3d2d1" + "e4e3e2e1" + "f4f3f2f1";

    @Test
    void everyByteOfTheHeaderIsAccountedFor() {
        assertThat(hex(QedHeaderCodec.encode(HEADER))).isEqualTo(BYTES);
        assertThat(BYTES).hasSize(2 * QedHeaderCodec.HEADER_BYTES);
    }

    @Test
    void decodingGivesBackWhatWasEncoded() {
        ByteBuffer bytes =
                ByteBuffer.wrap(HexFormat.of().parseHex("ffff" + BYTES)).position(2);
        assertThat(QedHeaderCodec.decode(bytes)).isEqualTo(HEADER);
        assertThat(bytes.position()).isEqualTo(2);
    }

    @Test
    void theNameFollowsTheHeaderDirectly() {
        byte[] name = "base.raw".getBytes(StandardCharsets.UTF_8);
        assertThat(hex(QedHeaderCodec.encode(HEADER, name)))
                .isEqualTo(BYTES + HexFormat.of().formatHex(name));
    }

    @Test
    void fewerThanFourBytesAreMagicIfZerosWouldMakeThemSo() {
        assertThat(QedHeaderCodec.hasMagic(ByteBuffer.wrap(new byte[] {'Q', 'E', 'D'})))
                .isTrue();
        assertThat(QedHeaderCodec.hasMagic(ByteBuffer.wrap(new byte[] {'Q', 'E'})))
                .isFalse();
        assertThat(QedHeaderCodec.hasMagic(ByteBuffer.wrap(new byte[] {'Q', 'E', 'D', 1})))
                .isFalse();
    }

    @Test
    void aNewBackingNameKeepsAllOtherBitsAndClearingItLeavesOffset64() {
        QedHeader header = HEADER.withFeatures(FeatureBits.NEED_CHECK);
        QedHeader named = header.withBackingFile(8, true);
        assertThat(named.features()).isEqualTo(FeatureBits.KNOWN);
        assertThat(named.compatFeatures()).isEqualTo(HEADER.compatFeatures());
        assertThat(named.backingFilenameOffset()).isEqualTo(64);
        assertThat(named.withBackingFile(8, false).backingIsRaw()).isFalse();
        QedHeader cleared = named.withoutBackingFile();
        assertThat(cleared.features()).isEqualTo(FeatureBits.NEED_CHECK);
        assertThat(cleared.backingFilenameOffset()).isEqualTo(64);
        assertThat(cleared.backingFilenameSize()).isZero();
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }
}
