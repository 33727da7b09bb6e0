package io.qedstore.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.api.ImageExport;
import io.qedstore.event.Sequence;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlaySinceTest {
    private static final int CLUSTER = 4096;
    private static final int SIZE = 200 * CLUSTER + 512; // ends within a cluster
    private static final int LARGER = 260 * CLUSTER + 1024;

    private final Path folder;

    OverlaySinceTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void overTheImageAsItWasItShowsTheImageAsItIs() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (boolean isResized : new boolean[] {false, true}) {
            Path then = create("then.qed", "");
            change(then, random);
            Path now = Files.copy(then, folder.resolve("now-" + isResized + ".qed"));
            if (isResized) {
                try (PlainImage image = PlainImage.open(now)) {
                    image.resize(LARGER);
                }
            }
            change(now, random);
            Path overlay = overlay(then, now);
            assertThat(guest(overlay)).as("seed %d", seed).isEqualTo(guest(now));
            Files.delete(then);
        }
    }

    @Test
    void itHoldsWhatAGuestSeesOtherwiseAndNothingElse() throws IOException {
        Path then = create("then.qed", "");
        try (PlainImage image = PlainImage.open(then)) {
            image.write(0, filled(20 * CLUSTER, 1));
        }
        Path now = Files.copy(then, folder.resolve("now.qed"));
        try (PlainImage image = PlainImage.open(now)) {
            image.write(CLUSTER, filled(CLUSTER, 1)); // the same again
            image.write(5 * CLUSTER + 7, filled(1, 2));
            image.writeZeroes(8 * CLUSTER, 2 * CLUSTER);
            image.write(100 * CLUSTER, filled(CLUSTER, 0)); // zeros, where there were some
            image.write(SIZE - 512, filled(512, 3));
        }
        Path overlay = overlay(then, now);
        assertThat(guest(overlay)).isEqualTo(guest(now));
        try (GuestImage image = ImageChain.openAlone(overlay)) {
            StringBuilder held = new StringBuilder();
            for (long at = 0; at < image.sizeBytes(); at += CLUSTER) {
                GuestImage.Kind kind = image.extent(at, 1).kind();
                if (kind != GuestImage.Kind.UNALLOCATED) {
                    held.append(at / CLUSTER).append(kind == GuestImage.Kind.ZERO ? "z " : " ");
                }
            }
            assertThat(held.toString()).isEqualTo("5 8z 9z 200 ");
        }
    }

    @Test
    void zerosThatHideWhatIsBehindTheImageAreInIt() throws IOException {
        Path base = folder.resolve("base.raw");
        Files.write(base, filled(SIZE, 9).array());
        Path then = create("then.qed", "base.raw");
        Path now = Files.copy(then, folder.resolve("now.qed"));
        try (PlainImage image = PlainImage.open(now)) {
            image.writeZeroes(3 * CLUSTER, CLUSTER);
            image.write(7 * CLUSTER, filled(CLUSTER, 0));
        }
        byte[] shown = guest(overlay(then, now));
        assertThat(shown).isEqualTo(guest(now));
        assertThat(shown[3 * CLUSTER]).isZero();
        assertThat(shown[4 * CLUSTER]).isEqualTo((byte) 9);
    }

    private Path create(String name, String backing) throws IOException {
        Path path = folder.resolve(name);
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            new NewImage(new ImageGeometry(CLUSTER, 2), SIZE, backing, backing.isEmpty() ? "" : "raw")
                    .createIn(file, HeaderLayout.FINAL);
        }
        return path;
    }

    private static void change(Path path, Random random) throws IOException {
        try (PlainImage image = PlainImage.open(path)) {
            for (int i = 0; i < 40; i++) {
                int length = 1 + random.nextInt(3 * CLUSTER);
                long at = random.nextLong(image.sizeBytes() - length);
                if (random.nextInt(4) == 0) {
                    image.writeZeroes(at, length);
                } else {
                    image.write(at, filled(length, random.nextInt(3)));
                }
            }
        }
    }

    private static ByteBuffer filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private Path overlay(Path then, Path now) throws IOException {
        KeptExports exports = new KeptExports(folder.resolve("exports"), UUID::randomUUID, System::nanoTime, () -> {});
        Path overlay = folder.resolve("overlay-of-" + now.getFileName());
        try (GuestImage before = ImageChain.openAlone(then);
                GuestImage after = ImageChain.openAlone(now);
                ImageExport made = exports.makeOverlay(
                        "vm1", before, after, new Sequence(7), String.valueOf(then.getFileName()))) {
            assertThat(made.sequence()).isEqualTo(7);
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(made.lengthBytes()));
            made.read(0, bytes);
            Files.write(overlay, bytes.array());
        }
        return overlay;
    }

    private static byte[] guest(Path path) throws IOException {
        try (GuestImage image = ImageChain.openReadOnly(path, ImageFormat.QED)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(image.sizeBytes()));
            image.read(0, bytes);
            return bytes.array();
        }
    }
}
