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
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entries that point nowhere: whoever comes to them is told, nothing is changed, and all else goes on working. */
class CorruptTableTest {
    private static final int CLUSTER = 4096;
    private static final long L1 = CLUSTER;

    /** Behind the header, the L1 table and three clusters of data. */
    private static final long L2 = 6 * CLUSTER;

    private final MemoryImageFile file = new MemoryImageFile();

    @BeforeEach
    void createImage() throws IOException {
        new NewImage(new ImageGeometry(CLUSTER, 2), 64 << 20).createIn(file, HeaderLayout.FINAL);
        try (PlainImage image = open()) {
            image.write(0, filled(3 * CLUSTER));
        }
    }

    @Test
    void anInvalidL2EntryIsToldAndNothingIsChanged() throws IOException {
        for (long entry : new long[] {2, 4095, 3 * CLUSTER + 1, 1 << 20, -CLUSTER}) {
            entry(L2 + 8, entry);
            MemoryImageFile before = file.copy();
            PlainImage image = open();
            assertInvalid(() -> image.read(CLUSTER, ByteBuffer.allocate(1)), "L2 entry at byte " + (L2 + 8));
            assertInvalid(() -> image.write(0, filled(5 * CLUSTER)), "0x" + Long.toHexString(entry));
            assertInvalid(() -> image.writeZeroes(0, 5 * CLUSTER), "L2");
            assertInvalid(() -> image.discard(0, 5 * CLUSTER), "L2");
            assertThat(file.firstDifference(before)).isEmpty();
            assertThat(read(image, 2 * CLUSTER, CLUSTER)).isEqualTo(filled(CLUSTER));
        }
    }

    @Test
    void anInvalidL1EntryIsToldAndOneHasNoZeroMeaning() throws IOException {
        for (long entry : new long[] {1, L2 + 1, file.length() - CLUSTER, 1L << 40}) {
            entry(L1 + 8, entry);
            PlainImage image = open();
            assertInvalid(() -> image.read(4 << 20, ByteBuffer.allocate(1)), "L1 entry at byte " + (L1 + 8));
            assertInvalid(() -> image.write((4 << 20) - CLUSTER, filled(2 * CLUSTER)), "L1");
            assertThat(read(image, 0, CLUSTER)).isEqualTo(filled(CLUSTER));
        }
    }

    @Test
    void aRunThatGoesOnPastTheEndOfTheFileIsCutThere() throws IOException {
        long last = file.length() - CLUSTER;
        entry(L2 + 3 * 8, last);
        entry(L2 + 4 * 8, last + CLUSTER);
        MemoryImageFile before = file.copy();
        PlainImage image = open();
        assertThat(image.extent(3 * CLUSTER, 2 * CLUSTER).lengthBytes()).isEqualTo(CLUSTER);
        assertInvalid(() -> image.write(3 * CLUSTER, filled(2 * CLUSTER)), "L2 entry at byte " + (L2 + 4 * 8));
        assertThat(file.firstDifference(before)).isEmpty();
    }

    private static void assertInvalid(ThrowingCallable use, String detail) {
        assertThatThrownBy(use)
                .hasMessageStartingWith("Invalid argument")
                .hasMessageContaining(detail)
                .isInstanceOfSatisfying(
                        QedFormatException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }

    private PlainImage open() throws IOException {
        return PlainImage.open("disk.qed", file, null, 1 << 20);
    }

    private void entry(long fileOffset, long value) {
        file.write(
                fileOffset,
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
    }

    private static ByteBuffer read(PlainImage image, long guestOffset, int bytes) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(bytes);
        image.read(guestOffset, found);
        return found.flip();
    }

    private static ByteBuffer filled(int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) 7);
        return ByteBuffer.wrap(content);
    }
}
