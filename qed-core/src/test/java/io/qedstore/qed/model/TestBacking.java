package io.qedstore.qed.model;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A backing image in memory, and the bytes that a guest reads there.
 *
 * @param image null where there is none; can still be read after it was closed
 * @param window the guest bytes of the disk's window; zeros behind the image's end
 */
public record TestBacking(@Nullable GuestImage image, ByteBuffer window) {
    /** What kind of backing image, and whether it ends before the disk in front of it does. */
    public enum Kind {
        NONE,
        RAW_SHORTER,
        RAW_LONGER,
        QED
    }

    /** Guest offset where it ends; 0 where there is none. */
    public long sizeBytes() {
        return image == null ? 0 : image.sizeBytes();
    }

    static TestBacking of(TestDisk disk, Random random) throws IOException {
        byte[] window = new byte[disk.windowBytes()];
        GuestImage image =
                switch (disk.backing()) {
                    case NONE -> null;
                    case RAW_SHORTER -> raw(disk, window, random.nextInt(disk.initialWindowBytes()), random);
                    case RAW_LONGER -> raw(disk, window, disk.windowBytes(), random);
                    case QED -> qed(disk, window, random);
                };
        return new TestBacking(image, ByteBuffer.wrap(window).asReadOnlyBuffer());
    }

    private static GuestImage raw(TestDisk disk, byte[] window, int bytesInWindow, Random random) {
        MemoryImageFile file = new MemoryImageFile();
        file.setLength(disk.windowStart() + bytesInWindow);
        for (int at = 0; at < bytesInWindow; ) {
            byte[] piece = new byte[Math.min(bytesInWindow - at, 1 + random.nextInt(3 * disk.clusterSize()))];
            if (random.nextBoolean()) {
                random.nextBytes(piece);
                System.arraycopy(piece, 0, window, at, piece.length);
                file.write(disk.windowStart() + at, ByteBuffer.wrap(piece));
            }
            at += piece.length;
        }
        return new RawImage("backing.raw", file);
    }

    private static GuestImage qed(TestDisk disk, byte[] window, Random random) throws IOException {
        int sectors = random.nextInt(disk.windowBytes() / ImageGeometry.SECTOR_SIZE + 1);
        long size = disk.windowStart() + (long) sectors * ImageGeometry.SECTOR_SIZE;
        ImageGeometry geometry = new ImageGeometry(Math.max(disk.clusterSize() / 2, 16384), 4);
        MemoryImageFile file = new MemoryImageFile();
        new NewImage(geometry, size).createIn(file, HeaderLayout.FINAL);
        PlainImage image = PlainImage.open("backing.qed", file, null, 1 << 16);
        for (int at = 0; at < sectors * ImageGeometry.SECTOR_SIZE; ) {
            int length = Math.min(sectors * ImageGeometry.SECTOR_SIZE - at, 1 + random.nextInt(geometry.clusterSize()));
            if (random.nextBoolean()) {
                ByteBuffer data = new Operation.Write(disk.windowStart() + at, length, (byte) 0x5a).data();
                image.write(disk.windowStart() + at, data);
                data.get(window, at, length);
            }
            at += length;
        }
        return image;
    }
}
