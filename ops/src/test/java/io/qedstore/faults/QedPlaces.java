package io.qedstore.faults;

import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Finds bytes of a QED file by what they are for, and flips bits of them. */
final class QedPlaces {
    private static final int BLOCK = 4096;
    private static final int L1_FIELD = 40; // of the header

    private QedPlaces() {}

    /** What a byte is for; that of a cluster's offset is the one in which a flipped bit leads to another cluster. */
    enum Place {
        HEADER,
        L1,
        L2,
        DATA,
        HOLE
    }

    /**
     * Where a byte lies.
     *
     * @param guestOffset of an allocated cluster, whose second block was never written
     */
    static long of(Path path, Place place, long guestOffset) throws IOException {
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.PEEK)) {
            ByteBuffer start = ByteBuffer.allocate(QedHeaderCodec.HEADER_BYTES);
            file.read(0, start);
            QedHeader header = QedHeaderCodec.decode(start.flip());
            long clusterBytes = header.clusterSize();
            long entries = header.tableSize() * clusterBytes / Long.BYTES;
            long l1Entry = header.l1TableOffset() + guestOffset / clusterBytes / entries * Long.BYTES;
            long l2Entry = entry(file, l1Entry) + guestOffset / clusterBytes % entries * Long.BYTES;
            long data = entry(file, l2Entry);
            int inOffset = Long.numberOfTrailingZeros(clusterBytes) / Byte.SIZE;
            return switch (place) {
                case HEADER -> L1_FIELD + inOffset;
                case L1 -> l1Entry + inOffset;
                case L2 -> l2Entry + inOffset;
                case DATA -> data + 17;
                case HOLE -> requireHole(file, data + BLOCK) + 17;
            };
        }
    }

    private static long entry(ChannelImageFile file, long fileOffset) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(fileOffset, entry);
        long value = entry.getLong(0);
        if (value <= 1) {
            throw new IOException("the entry at " + fileOffset + " is " + value + ", expected an offset");
        }
        return value;
    }

    private static long requireHole(ChannelImageFile file, long fileOffset) throws IOException {
        if (file.nextHole(fileOffset) != fileOffset) {
            throw new IOException("there is data at " + fileOffset + ", expected a hole");
        }
        return fileOffset;
    }

    static int read(Path path, long fileOffset) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            file.seek(fileOffset);
            return file.read();
        }
    }

    /** Flips one bit, as a disk might. */
    static void flip(Path path, long fileOffset, int bit) throws IOException {
        int before = read(path, fileOffset);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(fileOffset);
            file.write(before ^ (1 << bit));
        }
    }
}
