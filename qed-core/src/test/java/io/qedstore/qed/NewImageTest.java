package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** New images: what they take, what they refuse, and the largest of them in use. */
class NewImageTest {
    private static final ImageGeometry SMALL = new ImageGeometry(4096, 2);

    @Test
    void anImageIsAsLongAsItsHeaderAndL1Table() throws IOException {
        assertThat(create(new NewImage(new ImageGeometry(65536, 4), 1 << 20)).length())
                .isEqualTo(327680);
        assertThat(create(new NewImage(SMALL, 0)).length()).isEqualTo(12288);
    }

    @Test
    void theLargestSizeIsAcceptedThoughTheMessageSaysLess() throws IOException {
        create(new NewImage(SMALL, 1L << 32));
        assertThatThrownBy(() -> create(new NewImage(SMALL, (1L << 32) + 512)))
                .isInstanceOf(QedFormatException.class)
                .hasMessageStartingWith("QED image size must be a non-zero multiple of cluster size and less than"
                        + " 4294967296 bytes");
        assertThatThrownBy(() -> create(new NewImage(SMALL, 1000))).hasMessageContaining("found 1000");
    }

    @Test
    void clustersSoLargeThatTheMaximumWrapsToZeroHoldOnlyAnEmptyImage() throws IOException {
        ImageGeometry geometry = new ImageGeometry(ImageGeometry.MAX_CLUSTER_SIZE, 2);
        assertThat(create(new NewImage(geometry, 0)).length()).isEqualTo(3L << 26);
        assertThatThrownBy(() -> create(new NewImage(geometry, 512))).hasMessageContaining("less than 0 bytes");
    }

    /** qemu truncates the value to 32 bits where it checks it, and not where it places the L1 table. */
    @Test
    void sizesBeyond32BitsAreNotTruncated() {
        assertThat(ImageGeometry.isClusterSize((1L << 32) + 4096)).isFalse();
        assertThat(ImageGeometry.isTableSize((1L << 32) + 4)).isFalse();
    }

    @Test
    void aBackingNameMustFitIntoTheHeaderCluster() throws IOException {
        MemoryImageFile file = create(new NewImage(SMALL, 1 << 20, "a".repeat(4032), "raw"));
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).backing().name()).hasSize(4032);
        assertThatThrownBy(() -> create(new NewImage(SMALL, 1 << 20, "a".repeat(4033), "raw")))
                .hasMessageContaining("4033 bytes")
                .hasMessageContaining("room for 4032");
    }

    /** qemu sets names of 4096 bytes and more, and then cannot open the image. */
    @Test
    void aBackingNameThatCouldNotBeReadAgainIsNotSet() throws IOException {
        ImageGeometry geometry = new ImageGeometry(65536, 4);
        assertThatThrownBy(() -> create(new NewImage(geometry, 1 << 20, "a".repeat(4096), "raw")))
                .hasMessageContaining("room for 4095");
        MemoryImageFile file = create(new NewImage(geometry, 1 << 20));
        try (PlainImage image = PlainImage.open("disk.qed", file, null, 4096)) {
            assertThatThrownBy(() -> image.changeBackingFile("a".repeat(4096), true))
                    .hasMessageStartingWith("Could not change the backing file to 'aaaa")
                    .hasMessageContaining("No space left in the file header");
            image.changeBackingFile("a".repeat(4095), true);
        }
        assertThat(HeaderReader.read(file, HeaderLayout.FINAL).backing().name()).hasSize(4095);
    }

    @Test
    void theLastBytesOfTheLargestImagesCanBeUsed() throws IOException {
        assertUsableAtTheEnd(new ImageGeometry(1 << 20, 16), 1L << 62);
        assertUsableAtTheEnd(new ImageGeometry(4 << 20, 2), 1L << 62);
        assertUsableAtTheEnd(new ImageGeometry(2 << 20, 8), Long.MAX_VALUE - (1L << 30) + 1);
    }

    private static void assertUsableAtTheEnd(ImageGeometry geometry, long sizeBytes) throws IOException {
        MemoryImageFile file = create(new NewImage(geometry, sizeBytes));
        PlainImage image = PlainImage.open("disk.qed", file, null, 4096);
        ByteBuffer data = ByteBuffer.allocate(1024).putLong(0, 42).putLong(1016, 43);
        image.write(sizeBytes - 1024, data);
        image.writeZeroes(sizeBytes - 3L * geometry.clusterSize(), geometry.clusterSize());
        image.discard(sizeBytes - 4L * geometry.clusterSize(), 2L * geometry.clusterSize());
        assertThatThrownBy(() -> image.write(sizeBytes - 512, data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> image.discard(Long.MAX_VALUE, 2)).isInstanceOf(IllegalArgumentException.class);
        image.close();
        try (PlainImage again = PlainImage.open("disk.qed", file, null, 4096)) {
            ByteBuffer found = ByteBuffer.allocate(2048);
            again.read(sizeBytes - 1024, found);
            assertThat(found.slice(0, 1024)).isEqualTo(data);
            assertThat(found.slice(1024, 1024)).isEqualTo(ByteBuffer.allocate(1024));
        }
        assertThat(ImageCheck.of(file).isClean()).isTrue();
    }

    private static MemoryImageFile create(NewImage image) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        image.createIn(file, HeaderLayout.FINAL);
        return file;
    }
}
