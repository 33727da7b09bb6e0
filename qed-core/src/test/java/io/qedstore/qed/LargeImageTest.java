package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What large images cost before anything is done with them. */
class LargeImageTest {
    private static final long TIB = 1L << 40;
    private static final ImageGeometry DEFAULT = new ImageGeometry(65536, 4);
    private static final long L1_BYTES = 256 << 10;

    @Test
    void opening64TiBReadsTheL1TableOnce() throws IOException {
        MemoryImageFile file = create(64 * TIB);
        ByteBuffer l1 = ByteBuffer.allocate((int) L1_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (l1.hasRemaining()) {
            l1.putLong(65536);
        }
        file.write(65536, l1.flip());
        CountingView view = new CountingView(file, new AtomicLong());
        QedImage image = open(view);
        assertThat(view.bytes.get()).isBetween(L1_BYTES, L1_BYTES + 64 * 1024);
        assertThat(image.l2CacheBytes()).isZero();
    }

    @Test
    void openingAnEmptyImageOf64TiBReadsNoTables() throws IOException {
        CountingView view = new CountingView(create(64 * TIB), new AtomicLong());
        QedImage image = open(view);
        assertThat(view.bytes.get()).isLessThan(1024);
        ByteBuffer mib = ByteBuffer.allocate(1 << 20);
        image.read(63 * TIB, mib);
        assertThat(mib.flip()).isEqualTo(ByteBuffer.allocate(1 << 20));
        assertThat(view.bytes.get()).isLessThan(1024);
    }

    @Test
    void aZeroWriteOverATebibyteTakesNoMoreThanItsTables() throws IOException {
        MemoryImageFile file = create(2 * TIB);
        try (PlainImage image = PlainImage.open("disk.qed", file, null, 1 << 20)) {
            image.writeZeroes(12345, TIB);
            assertThat(file.length()).isLessThan(200 << 20);
            image.discard(0, 2 * TIB);
            image.writeZeroes(0, 2 * TIB);
        }
        assertThat(ImageCheck.of(file).isClean()).isTrue();
    }

    private static MemoryImageFile create(long sizeBytes) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(DEFAULT, sizeBytes).createIn(file, HeaderLayout.FINAL);
        return file;
    }

    private static QedImage open(FileView view) throws IOException {
        HeaderReader start = HeaderReader.read(view, HeaderLayout.FINAL);
        return QedImage.open("disk.qed", view, () -> {}, start.header(), null, 1 << 20);
    }

    /** Counts the bytes that are read. */
    private record CountingView(FileView file, AtomicLong bytes) implements FileView {
        @Override
        public void read(long fileOffset, ByteBuffer target) throws IOException {
            bytes.addAndGet(target.remaining());
            file.read(fileOffset, target);
        }

        @Override
        public long length() {
            return file.length();
        }

        @Override
        public long nextData(long fileOffset) throws IOException {
            return file.nextData(fileOffset);
        }

        @Override
        public long nextHole(long fileOffset) throws IOException {
            return file.nextHole(fileOffset);
        }
    }
}
