package io.qedstore.qed;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A cluster changes while the bytes around a write to it are read from the backing file: what was read must not be used
 * then. The other request is made from within the read, where another thread would make it.
 */
class BackingRaceTest {
    private static final int CLUSTER = 4096;

    private final MemoryImageFile file = new MemoryImageFile();
    private final OnesWithRace backing = new OnesWithRace();

    @Test
    void aClusterThatWasZeroedMeanwhileKeepsItsZeros() throws IOException {
        PlainImage image = open();
        backing.race = () -> image.writeZeroes(0, 2 * CLUSTER);
        image.write(1024, filled(2, CLUSTER));
        assertThat(read(image, 0, 1024)).isEqualTo(filled(0, 1024));
        assertThat(read(image, 1024, CLUSTER)).isEqualTo(filled(2, CLUSTER));
        assertThat(read(image, 1024 + CLUSTER, 1024)).isEqualTo(filled(0, 1024));
    }

    @Test
    void bytesThatWereWrittenToTheClusterMeanwhileStay() throws IOException {
        PlainImage image = open();
        backing.race = () -> image.write(0, filled(3, 512));
        image.write(1024, filled(2, 512));
        assertThat(read(image, 0, 512)).isEqualTo(filled(3, 512));
        assertThat(read(image, 512, 512)).isEqualTo(filled(1, 512));
        assertThat(read(image, 1024, 512)).isEqualTo(filled(2, 512));
        assertThat(read(image, 1536, 512)).isEqualTo(filled(1, 512));
    }

    private PlainImage open() throws IOException {
        new NewImage(new ImageGeometry(CLUSTER, 2), 1 << 20, "ones", "raw").createIn(file, HeaderLayout.FINAL);
        return PlainImage.open("disk.qed", file, backing, CLUSTER);
    }

    private static ByteBuffer read(PlainImage image, long guestOffset, int bytes) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(bytes);
        image.read(guestOffset, found);
        return found.flip();
    }

    private static ByteBuffer filled(int value, int bytes) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) value);
        return ByteBuffer.wrap(content);
    }

    /** A backing disk full of ones, during whose next read something else happens. */
    private static final class OnesWithRace implements GuestImage {
        @Nullable
        Race race;

        @FunctionalInterface
        interface Race {
            void happen() throws IOException;
        }

        @Override
        public void read(long guestOffset, ByteBuffer target) throws IOException {
            Race now = race;
            race = null;
            if (now != null) {
                now.happen();
            }
            target.put(filled(1, target.remaining()));
        }

        @Override
        public String name() {
            return "ones";
        }

        @Override
        public long sizeBytes() {
            return 1 << 20;
        }

        @Override
        public Extent extent(long guestOffset, long maxBytes) {
            return new Extent(Kind.DATA, maxBytes, OptionalLong.of(guestOffset));
        }

        @Override
        public FileView view() {
            throw new UnsupportedOperationException("there is no file of ones");
        }

        @Override
        public void close() {}
    }
}
