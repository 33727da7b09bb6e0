package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.Errno;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Every check of an open, with qemu's sentence, and their order: of two errors in one file, the earlier is told. */
class HeaderReaderTest {
    private static final int CLUSTER_SIZE = 4;
    private static final int TABLE_SIZE = 8;
    private static final int HEADER_SIZE = 12;
    private static final int FEATURES = 16;
    private static final int L1_TABLE_OFFSET = 40;
    private static final int IMAGE_SIZE = 48;
    private static final int BACKING_OFFSET = 56;
    private static final int BACKING_SIZE = 60;

    /** A way to break a header, and what is said of it. */
    private record Break(String message, Errno errno, Consumer<ByteBuffer> how) {}

    /** In the order of the checks; each leaves the earlier ones passing. */
    private static final List<Break> BREAKS = List.of(
            new Break("Image not in QED format", Errno.EINVAL, header -> header.put(3, (byte) 1)),
            new Break("Unsupported QED features: 8000000000000008 ", Errno.ENOTSUP, header -> {
                header.putLong(FEATURES, header.getLong(FEATURES) | 0x8000000000000008L);
            }),
            new Break("QED cluster size is invalid", Errno.EINVAL, header -> header.putInt(CLUSTER_SIZE, 6144)),
            new Break("QED table size is invalid", Errno.EINVAL, header -> header.putInt(TABLE_SIZE, 32)),
            new Break("QED image size is invalid", Errno.EINVAL, header -> header.putLong(IMAGE_SIZE, 1000)),
            new Break("QED table offset is invalid", Errno.EINVAL, header -> header.putLong(L1_TABLE_OFFSET, 4097)),
            new Break("QED backing filename offset is invalid", Errno.EINVAL, header -> {
                header.putLong(FEATURES, header.getLong(FEATURES) | 1);
                header.putInt(BACKING_OFFSET, 4096 - 3);
            }),
            new Break("Failed to read backing filename", Errno.EINVAL, header -> {
                header.putLong(FEATURES, header.getLong(FEATURES) | 1);
                header.putInt(BACKING_SIZE, 4096);
            }));

    @Test
    void aGoodHeaderPasses() throws IOException {
        HeaderReader start = HeaderReader.read(file(header -> {}), HeaderLayout.FINAL);
        assertThat(start.header().imageSize()).isEqualTo(1 << 20);
        assertThat(start.backing()).isEqualTo(BackingReference.NONE);
    }

    @Test
    void eachErrorIsToldInQemusWords() {
        for (Break wrong : BREAKS) {
            assertRefused(file(wrong.how), wrong);
        }
    }

    @Test
    void ofTwoErrorsTheOneThatQemuMeetsFirstIsTold() {
        List<String> pairs = new ArrayList<>();
        for (int first = 0; first < BREAKS.size() - 2; first++) {
            for (int second = first + 1; second < BREAKS.size(); second++) {
                assertRefused(file(BREAKS.get(second).how.andThen(BREAKS.get(first).how)), BREAKS.get(first));
                pairs.add(first + "," + second);
            }
        }
        assertThat(pairs).hasSize(27);
    }

    @Test
    void aHeaderTooLargeIsToldAfterTheTableOffset() {
        Consumer<ByteBuffer> tooLarge = header -> {
            header.putInt(HEADER_SIZE, 0x100000);
            header.putInt(BACKING_OFFSET, -1);
            header.putLong(FEATURES, 1);
        };
        assertRefused(file(tooLarge), new Break("QED table offset is invalid", Errno.EINVAL, tooLarge));
        MemoryImageFile huge = file(tooLarge.andThen(header -> header.putLong(L1_TABLE_OFFSET, 1L << 32)));
        huge.setLength((1L << 32) + 8192);
        assertRefused(huge, new Break("QED header size is too large", Errno.EINVAL, tooLarge));
    }

    @Test
    void anImageLongerThanQemusBlockLayerTakesIsRefusedLast() throws IOException {
        long limit = Long.MAX_VALUE - (1L << 30) + 1;
        MemoryImageFile file = new MemoryImageFile();
        ImageGeometry geometry = new ImageGeometry(2 << 20, 8);
        new NewImage(geometry, limit).createIn(file, HeaderLayout.FINAL);
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).header().imageSize())
                .isEqualTo(limit);
        new NewImage(geometry, limit + 512).createIn(file, HeaderLayout.FINAL);
        assertThatThrownBy(() -> HeaderReader.read(file, HeaderLayout.FINAL))
                .hasMessageStartingWith("Could not refresh total sector count: File too large");
    }

    @Test
    void aFileOfThreeBytesLooksLikeQedAndHasNoClusterSize() throws IOException {
        MemoryImageFile three = MemoryImageFile.of("QED".getBytes(StandardCharsets.US_ASCII));
        assertThat(HeaderReader.probe(three)).isTrue();
        assertThatThrownBy(() -> HeaderReader.read(three, HeaderLayout.FINAL))
                .hasMessageStartingWith("QED cluster size is invalid");
        assertThat(HeaderReader.probe(new MemoryImageFile())).isFalse();
    }

    @Test
    void noImageWithTablesOfOneClusterOpensThoughItCanBeMade() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(new ImageGeometry(4096, 1), 1 << 20).createIn(file, HeaderLayout.FINAL);
        assertThatThrownBy(() -> HeaderReader.read(file, HeaderLayout.FINAL))
                .hasMessageStartingWith("QED table offset is invalid")
                .hasMessageContaining("table_size=1");
    }

    @Test
    void theBackingNameEndsAtANulAndIsRawWhereTheBitSaysSo() throws IOException {
        MemoryImageFile file = file(header -> {
            header.putLong(FEATURES, 5);
            header.putInt(BACKING_OFFSET, 100);
            header.putInt(BACKING_SIZE, 9);
        });
        file.write(100, ByteBuffer.wrap("b.raw\0xyz".getBytes(StandardCharsets.US_ASCII)));
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).backing())
                .isEqualTo(new BackingReference("b.raw", ImageFormat.RAW));
    }

    @Test
    void aDraftHeaderIsReadOnlyWhereItIsAskedFor() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(new ImageGeometry(4096, 2), 1 << 20, "b", "raw").createIn(file, HeaderLayout.DRAFT_2010);
        HeaderReader start = HeaderReader.read(file, HeaderLayout.DRAFT_2010);
        assertThat(start.header().imageSize()).isEqualTo(1 << 20);
        assertThat(start.backing()).isEqualTo(new BackingReference("b", ImageFormat.RAW));
        assertThatThrownBy(() -> HeaderReader.read(file, HeaderLayout.FINAL)).isInstanceOf(QedFormatException.class);
    }

    private static void assertRefused(MemoryImageFile file, Break expected) {
        assertThatThrownBy(() -> HeaderReader.read(file, HeaderLayout.FINAL))
                .isInstanceOfSatisfying(QedFormatException.class, e -> {
                    assertThat(e.getMessage()).startsWith(expected.message);
                    assertThat(e.errno()).isEqualTo(expected.errno);
                });
    }

    private static MemoryImageFile file(Consumer<ByteBuffer> change) {
        ByteBuffer bytes = ByteBuffer.allocate(3 * 4096).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {'Q', 'E', 'D', 0});
        bytes.putInt(CLUSTER_SIZE, 4096).putInt(TABLE_SIZE, 2).putInt(HEADER_SIZE, 1);
        bytes.putLong(L1_TABLE_OFFSET, 4096).putLong(IMAGE_SIZE, 1 << 20);
        bytes.putInt(BACKING_SIZE, 4);
        change.accept(bytes);
        return MemoryImageFile.of(bytes.array());
    }
}
