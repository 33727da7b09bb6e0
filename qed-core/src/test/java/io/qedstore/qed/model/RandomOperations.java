package io.qedstore.qed.model;

import io.qedstore.qed.format.ImageGeometry;
import java.util.Random;

/** Makes up operations on a disk, inside its window. */
public final class RandomOperations {
    private final Random random;
    private final TestDisk disk;
    private final boolean mayGrow;
    private byte pattern;

    /** @param backing a disk whose backing image is longer than itself cannot grow */
    public RandomOperations(Random random, TestDisk disk, TestBacking backing) {
        this.random = random;
        this.disk = disk;
        this.mayGrow = backing.sizeBytes() <= disk.sizeBytes();
    }

    /** Anything but a discard. */
    public Operation nextOfQemu(long sizeBytes) {
        Operation operation = next(sizeBytes);
        while (operation instanceof Operation.Discard) {
            operation = next(sizeBytes);
        }
        return operation;
    }

    /** @param sizeBytes of the disk now */
    public Operation next(long sizeBytes) {
        int kind = random.nextInt(100);
        if (kind < 86) {
            return ranged(kind, sizeBytes);
        }
        if (kind < 90 && mayGrow) {
            return new Operation.Resize(sizeBytes + growth());
        }
        return kind < 94 ? new Operation.Flush() : kind < 97 ? new Operation.ClearNeedCheck() : new Operation.Reopen();
    }

    private Operation ranged(int kind, long sizeBytes) {
        int bytes = (int) Math.min(disk.windowBytes(), sizeBytes - disk.windowStart());
        int unit = unit();
        int start = random.nextInt(bytes) / unit * unit;
        int clusters = 1 + random.nextInt(random.nextInt(8) == 0 ? 16 : 3);
        long wanted = Math.max(unit, (1L + random.nextInt(clusters * disk.clusterSize())) / unit * unit);
        long length = Math.min(wanted, bytes - start);
        long guestOffset = disk.windowStart() + start;
        if (kind < 50) {
            return new Operation.Write(guestOffset, length, ++pattern);
        }
        return kind < 70 ? new Operation.WriteZeroes(guestOffset, length) : new Operation.Discard(guestOffset, length);
    }

    /** What offset and length are multiples of, unless the disk's end comes first. */
    private int unit() {
        return switch (random.nextInt(4)) {
            case 0 -> 1;
            case 1, 2 -> ImageGeometry.SECTOR_SIZE;
            default -> disk.clusterSize();
        };
    }

    private long growth() {
        long far = random.nextInt(8) == 0 ? disk.geometry().l2SpanBytes() : 2L * disk.clusterSize();
        long limit = disk.geometry().maxImageSize() / 4;
        long sectors = Math.min(far, limit) / ImageGeometry.SECTOR_SIZE;
        long grown = (long) (random.nextDouble() * sectors);
        return grown * ImageGeometry.SECTOR_SIZE;
    }
}
