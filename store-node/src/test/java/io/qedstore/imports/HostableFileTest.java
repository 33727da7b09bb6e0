package io.qedstore.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ServiceException;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostableFileTest {
    private static final ImageGeometry USUAL = new ImageGeometry(65536, 4);

    @Test
    void anImageInOrderIsHostable() throws IOException {
        HostableFile found = HostableFile.check(TestFiles.written(USUAL, 1 << 20, new Random(1)));
        assertThat(found.header().imageSize()).isEqualTo(1 << 20);
        assertThat(found.leakedClusters()).isZero();
    }

    @Test
    void oneThatSaysThatItNeedsACheckIsHostableIfTheCheckFindsNothing() throws IOException {
        MemoryImageFile file = TestFiles.written(USUAL, 1 << 20, new Random(1));
        QedHeader header = HeaderReader.read(file, HeaderLayout.FINAL).header();
        file.write(0, QedHeaderCodec.encode(header.withNeedCheck(true)));
        assertThat(HostableFile.check(file).header().needsCheck()).isTrue();
    }

    @Test
    void leakedClustersDoNoHarm() throws IOException {
        MemoryImageFile file = TestFiles.written(USUAL, 1 << 20, new Random(1));
        file.setLength(file.length() + 2 * 65536 + 100);
        assertThat(HostableFile.check(file).leakedClusters()).isEqualTo(2);
    }

    @Test
    void aDamagedImageIsRefusedWithWhatToDo() throws IOException {
        MemoryImageFile file = TestFiles.written(USUAL, 1 << 20, new Random(1));
        long l1 = HeaderReader.read(file, HeaderLayout.FINAL).header().l1TableOffset();
        ByteBuffer nowhere =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(1L << 40);
        file.write(l1, nowhere.flip());
        assertRefused(file, "it is damaged: 1 entries of its tables are wrong", "qedstore file check -r all");
    }

    @Test
    void anOverlayIsRefused() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(USUAL, 1 << 20, "base.raw", "raw").createIn(file, HeaderLayout.FINAL);
        assertRefused(file, "it has the backing file 'base.raw'", "--flatten");
    }

    @Test
    void clustersThatDoNotFitIntoEventsAreRefused() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(new ImageGeometry(2 << 20, 4), 1 << 20).createIn(file, HeaderLayout.FINAL);
        assertRefused(file, "it has clusters of 2097152 bytes", "qedstore file convert");
    }

    @Test
    void anImageOfNoBytesIsRefused() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(USUAL, 0).createIn(file, HeaderLayout.FINAL);
        assertRefused(file, "its disk has 0 bytes", "qedstore file resize");
    }

    @Test
    void whatIsNoImageIsRefused() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        file.setLength(1 << 20);
        assertRefused(file, "it is no QED image that can be opened", "expected 51 45 44 00");
    }

    private static void assertRefused(MemoryImageFile file, String... parts) {
        assertThatThrownBy(() -> HostableFile.check(file))
                .isInstanceOf(ServiceException.class)
                .hasMessageContainingAll(parts);
    }
}
