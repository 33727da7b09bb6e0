package io.qedstore.qed.model;

import io.qedstore.qed.GuestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What a guest must read after the operations that were done: the bytes of a disk's window in an array, and for each
 * cluster what kind it is, because that decides what a discard does.
 */
public final class DiskModel {
    private static final int SECTOR = 512;

    private final TestDisk disk;
    private final byte[] bytes;
    private final GuestImage.Kind[] clusters;
    private final long backedUntil;
    private long sizeBytes;

    private DiskModel(TestDisk disk, byte[] bytes, GuestImage.Kind[] clusters, long backedUntil) {
        this.disk = disk;
        this.bytes = bytes;
        this.clusters = clusters;
        this.backedUntil = backedUntil;
        this.sizeBytes = disk.sizeBytes();
    }

    public DiskModel(TestDisk disk, TestBacking backing) {
        this(
                disk,
                new byte[disk.windowBytes()],
                new GuestImage.Kind[disk.windowBytes() / disk.clusterSize()],
                backing.sizeBytes());
        Arrays.fill(clusters, GuestImage.Kind.UNALLOCATED);
        backing.window().duplicate().get(bytes, 0, disk.initialWindowBytes());
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Bytes of the window that the disk has now. */
    public int windowBytes() {
        return (int) Math.min(bytes.length, sizeBytes - disk.windowStart());
    }

    public void apply(Operation operation) {
        if (operation instanceof Operation.Write write) {
            write(write);
        } else if (operation instanceof Operation.WriteZeroes zeroes) {
            writeZeroes(zeroes);
        } else if (operation instanceof Operation.Discard discard) {
            discard(discard);
        } else if (operation instanceof Operation.Resize resize) {
            sizeBytes = resize.newSizeBytes();
        }
    }

    private void write(Operation.Write write) {
        int from = inWindow(write.guestOffset());
        write.data().get(bytes, from, (int) write.lengthBytes());
        for (int c = cluster(from); c <= cluster(from + (int) write.lengthBytes() - 1); c++) {
            clusters[c] = GuestImage.Kind.DATA;
        }
    }

    /** Clusters that are covered whole become zero clusters unless they have data; the others get data. */
    private void writeZeroes(Operation.WriteZeroes zeroes) {
        int from = inWindow(zeroes.guestOffset());
        int to = from + (int) zeroes.lengthBytes();
        Arrays.fill(bytes, from, to, (byte) 0);
        for (int c = cluster(from); c <= cluster(to - 1); c++) {
            boolean whole = start(c) >= from && start(c + 1) <= to;
            if (!whole) {
                clusters[c] = GuestImage.Kind.DATA;
            } else if (clusters[c] == GuestImage.Kind.UNALLOCATED) {
                clusters[c] = GuestImage.Kind.ZERO;
            }
        }
    }

    /** Data becomes zeros; an unallocated cluster becomes a zero cluster if it is covered whole and backed. */
    private void discard(Operation.Discard discard) {
        int from = inWindow(discard.guestOffset());
        int to = from + (int) discard.lengthBytes();
        for (int c = cluster(from); c <= cluster(to - 1); c++) {
            int start = Math.max(from, start(c));
            int end = Math.min(to, start(c + 1));
            boolean whole = start == start(c) && end == Math.min(start(c + 1), windowBytes());
            boolean backed = disk.windowStart() + start(c) < Math.min(backedUntil, sizeBytes);
            if (clusters[c] == GuestImage.Kind.UNALLOCATED && whole && backed) {
                clusters[c] = GuestImage.Kind.ZERO;
                Arrays.fill(bytes, start, end, (byte) 0);
            } else if (clusters[c] == GuestImage.Kind.DATA) {
                Arrays.fill(bytes, start, end, (byte) 0);
            }
        }
    }

    /** Whether a write or zero write ends inside a zero cluster, which it covers in part. */
    public boolean writesPartOfZeroCluster(Operation operation) {
        if (!(operation instanceof Operation.Ranged ranged)) {
            return false;
        }
        int from = inWindow(ranged.guestOffset());
        int to = from + (int) ranged.lengthBytes();
        int first = cluster(from);
        int last = cluster(to - 1);
        return (from > start(first) && clusters[first] == GuestImage.Kind.ZERO)
                || (to < start(last + 1) && clusters[last] == GuestImage.Kind.ZERO);
    }

    private int inWindow(long guestOffset) {
        return Math.toIntExact(guestOffset - disk.windowStart());
    }

    private int cluster(int inWindow) {
        return inWindow / disk.clusterSize();
    }

    private int start(int cluster) {
        return cluster * disk.clusterSize();
    }

    /** Another model in the same state. */
    public DiskModel copy() {
        DiskModel copy = new DiskModel(disk, bytes.clone(), clusters.clone(), backedUntil);
        copy.sizeBytes = sizeBytes;
        return copy;
    }

    /** Compares the whole window, and that the disk has the right size. */
    public void assertMatches(GuestImage image) throws IOException {
        if (image.sizeBytes() != sizeBytes) {
            throw new AssertionError("the disk has " + image.sizeBytes() + " bytes, expected " + sizeBytes);
        }
        assertMatches(image, 0, windowBytes());
    }

    /** Compares what one read of a part of the window gives. */
    public void assertMatches(GuestImage image, int from, int lengthBytes) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(lengthBytes);
        image.read(disk.windowStart() + from, found);
        int at = found.flip().mismatch(ByteBuffer.wrap(bytes, from, lengthBytes));
        if (at >= 0) {
            throw new AssertionError("guest byte " + (disk.windowStart() + from + at) + " (" + (from + at)
                    + " in the window of " + disk + ") is " + found.get(at) + ", expected " + bytes[from + at]);
        }
    }

    /** Compares what kind of cluster holds each part of the window: which decides what a discard may do. */
    public void assertKindsMatch(GuestImage image) throws IOException {
        for (int c = 0; start(c) < windowBytes(); c++) {
            GuestImage.Extent extent = image.extent(disk.windowStart() + start(c), 1);
            GuestImage.Extent atOnce = image.extentIfCached(disk.windowStart() + start(c), 1);
            if (atOnce != null && !atOnce.equals(extent)) {
                throw new AssertionError(
                        "cluster " + c + " of the window of " + disk + " is " + extent + ", and at once " + atOnce);
            }
            GuestImage.Kind found = extent.kind();
            if (found != clusters[c]) {
                throw new AssertionError(
                        "cluster " + c + " of the window of " + disk + " is " + found + ", expected " + clusters[c]);
            }
        }
    }

    /** Compares each sector of the window with several versions of the disk, one of which it must have. */
    public static void assertEachSectorIsOf(List<DiskModel> versions, GuestImage image) throws IOException {
        if (versions.stream().noneMatch(version -> version.sizeBytes == image.sizeBytes())) {
            throw new AssertionError("the disk has " + image.sizeBytes() + " bytes, which it never had");
        }
        DiskModel newest = versions.get(versions.size() - 1);
        byte[] found = new byte[(int) Math.min(newest.bytes.length, image.sizeBytes() - newest.disk.windowStart())];
        image.read(newest.disk.windowStart(), ByteBuffer.wrap(found));
        for (int at = 0; at < found.length; at += SECTOR) {
            int from = at;
            if (versions.stream()
                    .noneMatch(
                            version -> Arrays.equals(found, from, from + SECTOR, version.bytes, from, from + SECTOR))) {
                throw new AssertionError("the sector " + at + " bytes into the window of " + newest.disk
                        + " has none of the " + versions.size() + " contents that it may have");
            }
        }
    }

    /** Takes over what an image holds, after something that may have left one thing or another. */
    public void adopt(GuestImage image) throws IOException {
        sizeBytes = image.sizeBytes();
        image.read(disk.windowStart(), ByteBuffer.wrap(bytes, 0, windowBytes()));
        for (int c = 0; start(c) < windowBytes(); c++) {
            clusters[c] = image.extent(disk.windowStart() + start(c), 1).kind();
        }
    }
}
