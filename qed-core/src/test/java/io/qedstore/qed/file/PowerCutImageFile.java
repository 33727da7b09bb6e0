package io.qedstore.qed.file;

import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A file whose disk can lose power. It keeps what was synced, and in order what was not: the sectors that were written,
 * each with the bytes that the page cache held for it then, and how the length changed. Guarded by itself.
 */
public final class PowerCutImageFile implements ImageFile {
    private static final int SECTOR = ImageGeometry.SECTOR_SIZE;

    private final MemoryImageFile durable;
    private final MemoryImageFile current;
    private final List<Unsynced> unsynced = new ArrayList<>();

    /** Whole sectors that were written and not synced; {@code lengthAfter} is the file's length from then on. */
    private record Unsynced(long fileOffset, ByteBuffer sectors, long lengthAfter) {
        int count() {
            return sectors.capacity() / SECTOR;
        }

        void putSector(int index, MemoryImageFile file) {
            long at = fileOffset + (long) index * SECTOR;
            int bytes = (int) Math.min(SECTOR, lengthAfter - at);
            if (bytes > 0) {
                file.write(at, sectors.slice(index * SECTOR, bytes));
            }
        }

        void putAll(MemoryImageFile file) {
            if (count() == 0) {
                file.setLength(lengthAfter);
            }
            for (int i = 0; i < count(); i++) {
                putSector(i, file);
            }
        }
    }

    /** A file that is on disk with the bytes of {@code start}. */
    public PowerCutImageFile(MemoryImageFile start) {
        this.durable = start.copy();
        this.current = start.copy();
    }

    /**
     * What the disk holds when the power comes back: everything that was synced, and of the rest each sector old or new,
     * as the random numbers have it. Where the file was to grow it may have grown without the bytes.
     */
    public synchronized PowerCutImageFile powerCut(Random random) {
        MemoryImageFile left = durable.copy();
        for (Unsynced change : unsynced) {
            switch (random.nextInt(4)) {
                case 0 -> change.putAll(left);
                case 1 -> growInPart(change, left, random);
                default -> {
                    for (int i = 0; i < change.count(); i++) {
                        if (random.nextBoolean()) {
                            change.putSector(i, left);
                        }
                    }
                }
            }
        }
        return new PowerCutImageFile(left);
    }

    private static void growInPart(Unsynced change, MemoryImageFile left, Random random) {
        long growth = change.lengthAfter - left.length();
        if (growth > 0 && random.nextBoolean()) {
            left.setLength(left.length() + 1 + (long) (random.nextDouble() * growth));
        }
    }

    @Override
    public synchronized void write(long fileOffset, ByteBuffer source) {
        long end = fileOffset + source.remaining();
        current.write(fileOffset, source);
        remember(fileOffset, end);
    }

    @Override
    public synchronized void zero(long fileOffset, long lengthBytes) {
        current.zero(fileOffset, lengthBytes);
        remember(fileOffset, fileOffset + lengthBytes);
    }

    private void remember(long from, long to) {
        long start = from / SECTOR * SECTOR;
        ByteBuffer sectors = ByteBuffer.allocate(Math.toIntExact((to + SECTOR - 1) / SECTOR * SECTOR - start));
        current.read(start, sectors);
        unsynced.add(new Unsynced(start, sectors, current.length()));
    }

    @Override
    public synchronized void setLength(long lengthBytes) {
        current.setLength(lengthBytes);
        unsynced.add(new Unsynced(lengthBytes, ByteBuffer.allocate(0), lengthBytes));
    }

    @Override
    public synchronized void sync() {
        unsynced.forEach(change -> change.putAll(durable));
        unsynced.clear();
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) {
        current.read(fileOffset, target);
    }

    @Override
    public long length() {
        return current.length();
    }

    @Override
    public long nextData(long fileOffset) {
        return current.nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) {
        return current.nextHole(fileOffset);
    }

    /** The bytes as they are now, synced or not. */
    public MemoryImageFile contents() {
        return current.copy();
    }

    @Override
    public void close() {}
}
