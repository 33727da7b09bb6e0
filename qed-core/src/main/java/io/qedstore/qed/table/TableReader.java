package io.qedstore.qed.table;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.TableEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads table entries in bulk, without a cache. */
public final class TableReader {
    private static final int CHUNK_ENTRIES = 8192;

    private TableReader() {}

    /** Takes the entries of a table that are not zero. */
    @FunctionalInterface
    public interface EntryConsumer {
        void entry(long index, long value) throws IOException;
    }

    /** Reads {@code count} entries from {@code fileOffset} on into memory; holes of the file cost no reading. */
    public static long[] readEntries(FileView file, long fileOffset, int count) throws IOException {
        long[] entries = new long[count];
        forEachNonZero(file, fileOffset, count, (index, value) -> entries[(int) index] = value);
        return entries;
    }

    /**
     * Walks {@code count} entries from {@code fileOffset} on in order, skipping zeros; needs 64 KiB of memory, none where
     * the file has nothing but a hole.
     */
    public static void forEachNonZero(FileView file, long fileOffset, long count, EntryConsumer consumer)
            throws IOException {
        ByteBuffer bytes = null;
        long index = 0;
        while (index < count) {
            long data = file.nextData(fileOffset + index * TableEntry.BYTES) - fileOffset;
            index = Math.max(index, Math.floorDiv(data, TableEntry.BYTES));
            if (index >= count || data >= file.length() - fileOffset) {
                return;
            }
            if (bytes == null) {
                bytes = ByteBuffer.allocate((int) Math.min(count, CHUNK_ENTRIES) * TableEntry.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
            }
            bytes.clear().limit((int) Math.min(count - index, CHUNK_ENTRIES) * TableEntry.BYTES);
            file.read(fileOffset + index * TableEntry.BYTES, bytes);
            bytes.flip();
            while (bytes.hasRemaining()) {
                long value = bytes.getLong();
                if (value != TableEntry.UNALLOCATED) {
                    consumer.entry(index, value);
                }
                index++;
            }
        }
    }
}
