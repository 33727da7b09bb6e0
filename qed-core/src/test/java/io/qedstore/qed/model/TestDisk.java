package io.qedstore.qed.model;

import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.util.Random;

/**
 * The shape of a disk to test with. All use of it stays in a window of few clusters, which may lie across the border of
 * two L2 tables, far out in a large image.
 *
 * @param windowStart guest offset, a multiple of the cluster size
 * @param windowBytes a multiple of the cluster size
 * @param sizeBytes of the disk when it is made, more than {@code windowStart}
 */
public record TestDisk(
        ImageGeometry geometry,
        long windowStart,
        int windowBytes,
        long sizeBytes,
        TestBacking.Kind backing,
        long l2CacheBytes) {

    /** Mostly small clusters, for speed; all sizes from 4 KiB to 1 MiB and all tables that can be opened. */
    public static TestDisk random(Random random) {
        int shift = random.nextInt(10) < 7 ? 0 : random.nextInt(10) < 8 ? random.nextInt(5) : random.nextInt(9);
        ImageGeometry geometry = new ImageGeometry(4096 << shift, 2 << random.nextInt(4));
        return random(geometry, random);
    }

    public static TestDisk random(ImageGeometry geometry, Random random) {
        int clusters = geometry.clusterSize() <= 8192 ? 24 : geometry.clusterSize() <= 65536 ? 8 : 4;
        long boundary = geometry.l2SpanBytes() * random.nextInt(3);
        long clustersBefore = random.nextInt(clusters - 1) + 1L;
        long start = Math.max(0, boundary - clustersBefore * geometry.clusterSize());
        int windowBytes = clusters * geometry.clusterSize();
        int sectors = windowBytes / ImageGeometry.SECTOR_SIZE;
        long size = start + (1L + random.nextInt(sectors)) * ImageGeometry.SECTOR_SIZE;
        TestBacking.Kind[] kinds = TestBacking.Kind.values();
        TestBacking.Kind backing = random.nextBoolean() ? TestBacking.Kind.NONE : kinds[random.nextInt(kinds.length)];
        return new TestDisk(geometry, start, windowBytes, size, backing, 4096L << random.nextInt(5));
    }

    public int clusterSize() {
        return geometry.clusterSize();
    }

    /** Bytes of the window that the disk has when it is made. */
    public int initialWindowBytes() {
        return (int) Math.min(windowBytes, sizeBytes - windowStart);
    }

    public TestBacking newBacking(Random random) throws IOException {
        return TestBacking.of(this, random);
    }

    public void createIn(ImageFile file) throws IOException {
        newImage().createIn(file, HeaderLayout.FINAL);
    }

    public NewImage newImage() {
        return switch (backing) {
            case NONE -> new NewImage(geometry, sizeBytes);
            case RAW_SHORTER, RAW_LONGER -> new NewImage(geometry, sizeBytes, "backing.raw", "raw");
            case QED -> new NewImage(geometry, sizeBytes, "backing.qed", "qed");
        };
    }

    public PlainImage open(ImageFile file, TestBacking behind) throws IOException {
        return PlainImage.open("disk.qed", file, behind.image(), l2CacheBytes);
    }
}
