package io.qedstore.qed.change;

import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.TableEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One step of an image file from one state to the next.
 *
 * <p>A change carries absolute file offsets and all bytes that it needs. Applying it looks at nothing else, so the same
 * changes in the same order give the same bytes and length on every machine, and applying a run of them again from any
 * earlier one, onto the file as they left it or as a crash left it half way, gives the same file: redo.
 *
 * <p>Offsets are file offsets in bytes unless they say otherwise. Nothing is durable before the file was synced.
 */
public sealed interface QedChange {
    /** Entries go to the file in pieces of at most this many: 64 KiB. */
    int MAX_ENTRIES_PER_WRITE = 8192;

    /**
     * Puts the change into the file. Buffers are read without moving their positions, so a change can be applied again, and none
     * that the file was given changes afterwards, so that it may keep them as long as the change's own bytes stay.
     */
    void applyTo(ImageFile file) throws IOException;

    /** The file has this length now. Only creation says so: afterwards a file grows by what is put behind its end. */
    record FileLengthSet(long lengthBytes) implements QedChange {
        public FileLengthSet {
            requireNonNegative(lengthBytes, "file length");
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            file.setLength(lengthBytes);
        }
    }

    /** The first bytes of the file: 64 of header, and what follows them where that changes too (a backing file name). */
    record HeaderWritten(ByteBuffer bytes) implements QedChange {
        @Override
        public void applyTo(ImageFile file) throws IOException {
            file.write(0, bytes.duplicate());
        }
    }

    /** One entry of the L1 table, at {@code fileOffset}, points to an L2 table now, or to none. */
    record L1EntrySet(long fileOffset, long entry) implements QedChange {
        public L1EntrySet {
            requireRange(fileOffset, TableEntry.BYTES, "an L1 entry");
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            writeEntries(file, fileOffset, new EntryRun(1, entry, 0));
        }
    }

    /** Neighbouring entries of an L2 table, the first at {@code fileOffset}, have new values. */
    record L2EntriesSet(long fileOffset, EntryRun entries) implements QedChange {
        public L2EntriesSet {
            requireRange(fileOffset, (long) entries.count() * TableEntry.BYTES, "L2 entries");
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            writeEntries(file, fileOffset, entries);
        }
    }

    /** A whole L2 table lies at {@code fileOffset} now: zeros but for one run of entries from {@code index} on. */
    record L2TableWritten(long fileOffset, long tableBytes, int index, EntryRun entries) implements QedChange {
        public L2TableWritten {
            requireRange(fileOffset, tableBytes, "an L2 table");
            requireNonNegative(index, "L2 index");
            if (((long) index + entries.count()) * TableEntry.BYTES > tableBytes) {
                throw new IllegalArgumentException(entries.count() + " entries from " + index
                        + " on do not fit into a table of " + tableBytes + " bytes");
            }
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            file.zero(fileOffset, tableBytes);
            writeEntries(file, fileOffset + (long) index * TableEntry.BYTES, entries);
        }
    }

    /** Bytes of clusters; of an imported file, whatever it has there. The buffer may be the guest's own: it must not change before the change was applied. */
    record DataWritten(long fileOffset, ByteBuffer data) implements QedChange {
        public DataWritten {
            requireRange(fileOffset, data.remaining(), "data");
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            file.write(fileOffset, data.duplicate());
        }
    }

    /** The bytes {@code [fileOffset, fileOffset + lengthBytes)} are zeros, and the file reaches at least to their end. */
    record RangeZeroed(long fileOffset, long lengthBytes) implements QedChange {
        public RangeZeroed {
            requireRange(fileOffset, lengthBytes, "zeros");
        }

        @Override
        public void applyTo(ImageFile file) throws IOException {
            file.zero(fileOffset, lengthBytes);
        }
    }

    private static void writeEntries(ImageFile file, long fileOffset, EntryRun run) throws IOException {
        for (int done = 0; done < run.count(); ) {
            int chunk = Math.min(run.count() - done, MAX_ENTRIES_PER_WRITE);
            ByteBuffer bytes = ByteBuffer.allocate(chunk * TableEntry.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = done; i < done + chunk; i++) {
                bytes.putLong(run.entry(i));
            }
            file.write(fileOffset + (long) done * TableEntry.BYTES, bytes.flip());
            done += chunk;
        }
    }

    /** So that whoever applies a change can count on its end. */
    private static void requireRange(long fileOffset, long lengthBytes, String what) {
        requireNonNegative(fileOffset, "the file offset of " + what);
        requireNonNegative(lengthBytes, "the length of " + what);
        if (lengthBytes > Long.MAX_VALUE - fileOffset) {
            throw new IllegalArgumentException(what + " of " + lengthBytes + " bytes at file offset " + fileOffset
                    + " end behind the largest offset, " + Long.MAX_VALUE);
        }
    }

    private static void requireNonNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " " + value + " is negative");
        }
    }
}
