package io.qedstore.qed.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.WritableImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whole disks of random content are copied, committed, rebased and compared; the bytes that a guest reads decide.
 *
 * <p>Turns red when zeros in data are left out of a target that does not read as zeros, or a piece of a run is skipped.
 */
class DiskCopyTest {
    private static final int SIZE = 3 << 20;
    private static final int SEEDS = 30;

    private static byte[] bytes(GuestImage image) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(image.sizeBytes()));
        image.read(0, bytes);
        return bytes.array();
    }

    private static PlainImage disk(Random random, int sizeBytes, @Nullable GuestImage backing) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        ImageGeometry geometry = new ImageGeometry(4096 << random.nextInt(5), 2 << random.nextInt(3));
        new NewImage(geometry, sizeBytes, backing == null ? "" : "behind", "").createIn(file, HeaderLayout.FINAL);
        return PlainImage.open("disk", file, backing, QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    private static <T extends WritableImage> T scribbled(Random random, T image) throws IOException {
        for (int i = 0; i < 12; i++) {
            int offset = random.nextInt((int) image.sizeBytes() / 512) * 512;
            int length = Math.min((int) image.sizeBytes() - offset, (1 + random.nextInt(300)) * 512);
            byte[] data = new byte[length];
            switch (random.nextInt(4)) {
                case 0 -> image.writeZeroes(offset, length);
                case 1 -> image.write(offset, ByteBuffer.wrap(data));
                default -> {
                    random.nextBytes(data);
                    image.write(offset, ByteBuffer.wrap(data));
                }
            }
        }
        return image;
    }

    @Test
    void whatDiffersIsAllThatHasToBeWrittenInWholeBlocks() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            int block = 512 << random.nextInt(5);
            PlainImage base = scribbled(random, disk(random, SIZE, null));
            PlainImage one = scribbled(random, disk(random, SIZE, base));
            PlainImage other = scribbled(random, disk(random, SIZE - random.nextInt(2048) * 512, base));
            byte[] before = bytes(one);
            byte[] wanted = Arrays.copyOf(bytes(other), SIZE);
            List<Long> at = new ArrayList<>();
            DiskComparison.forEach(one, other, block, CopyProgress.NONE, (guestOffset, there) -> {
                int start = Math.toIntExact(guestOffset);
                int length = there.remaining();
                assertThat(start % block).isZero();
                for (int i = start; i < start + length; i += block) {
                    int end = Math.min(i + block, SIZE);
                    assertThat(Arrays.equals(before, i, end, wanted, i, end)).isFalse();
                }
                assertThat(there.equals(ByteBuffer.wrap(wanted, start, length))).isTrue();
                one.write(guestOffset, there);
                at.add(guestOffset);
                return true;
            });
            assertThat(at).isSorted();
            assertThat(bytes(one)).isEqualTo(wanted);
        });
    }

    @Test
    void aConvertedDiskReadsTheSame() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            PlainImage base = scribbled(random, disk(random, SIZE, null));
            PlainImage source = scribbled(random, disk(random, SIZE, base));
            int minZeroBytes = new int[] {0, 512, 4096, 65536}[random.nextInt(4)];
            boolean dirtyTarget = random.nextBoolean();
            PlainImage target = disk(random, SIZE, null);
            if (dirtyTarget) {
                scribbled(random, target);
            }
            List<Long> progress = new ArrayList<>();
            DiskConversion.copy(source, target, !dirtyTarget, minZeroBytes, (done, total) -> progress.add(done));
            assertThat(bytes(target)).isEqualTo(bytes(source));
            assertThat(progress).isSorted().endsWith((long) SIZE);
            assertThat(DiskComparison.firstDifference(source, target, CopyProgress.NONE))
                    .isEmpty();
        });
    }

    @Test
    void zerosAreNotWrittenWhereTheTargetReadsZero() throws IOException {
        RawImage source = new RawImage("raw", MemoryImageFile.of(new byte[SIZE]));
        PlainImage target = disk(new Random(1), SIZE, null);
        DiskConversion.copy(source, target, true, 4096, CopyProgress.NONE);
        assertThat(target.extent(0, SIZE).kind()).isEqualTo(GuestImage.Kind.UNALLOCATED);
    }

    @Test
    void aCommittedOverlayIsInItsBase() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            WritableImage base = random.nextBoolean()
                    ? new RawImage("base", MemoryImageFile.of(new byte[SIZE / 2]))
                    : disk(random, SIZE / 2, null);
            scribbled(random, base);
            PlainImage overlay = scribbled(random, disk(random, SIZE, base));
            byte[] before = bytes(overlay);
            DiskCommit.commit(overlay, base, CopyProgress.NONE);
            assertThat(bytes(base)).isEqualTo(before);
            assertThat(bytes(overlay)).isEqualTo(before);
        });
    }

    @Test
    void aRebasedOverlayReadsTheSameOverTheOtherBase() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            PlainImage old = scribbled(random, disk(random, SIZE, null));
            PlainImage other = random.nextInt(3) == 0 ? null : scribbled(random, disk(random, SIZE / 3 * 2, null));
            MemoryImageFile file = new MemoryImageFile();
            new NewImage(new ImageGeometry(8192, 2), SIZE, "old", "").createIn(file, HeaderLayout.FINAL);
            PlainImage overlay = scribbled(random, PlainImage.open("disk", file, old, QedImage.DEFAULT_L2_CACHE_BYTES));
            byte[] before = bytes(overlay);
            DiskRebase.copyDifferences(overlay, other, CopyProgress.NONE);
            overlay.close();
            PlainImage rebased = PlainImage.open("disk", file, other, QedImage.DEFAULT_L2_CACHE_BYTES);
            assertThat(bytes(rebased)).isEqualTo(before);
        });
    }

    @Test
    void theFirstSectorThatDiffersIsNamed() {
        Seeds.forEach(SEEDS, seed -> {
            Random random = new Random(seed);
            PlainImage one = scribbled(random, disk(random, SIZE, null));
            RawImage other = new RawImage("raw", MemoryImageFile.of(bytes(one)));
            int offset = random.nextInt(SIZE);
            ByteBuffer changed = ByteBuffer.allocate(1);
            other.read(offset, changed);
            other.write(offset, changed.put(0, (byte) ~changed.get(0)).flip());
            assertThat(DiskComparison.firstDifference(one, other, CopyProgress.NONE))
                    .hasValue(offset / 512 * 512L);
        });
    }

    @Test
    void aShorterDiskIsFollowedByZeros() throws IOException {
        RawImage longer = new RawImage("raw", MemoryImageFile.of(new byte[SIZE]));
        RawImage shorter = new RawImage("raw", MemoryImageFile.of(new byte[SIZE / 2]));
        assertThat(DiskComparison.firstDifference(longer, shorter, CopyProgress.NONE))
                .isEmpty();
        longer.write(SIZE - 1, ByteBuffer.wrap(new byte[] {1}));
        assertThat(DiskComparison.firstDifference(longer, shorter, CopyProgress.NONE))
                .hasValue(SIZE - 512);
    }
}
