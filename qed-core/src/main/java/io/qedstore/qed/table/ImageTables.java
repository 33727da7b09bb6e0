package io.qedstore.qed.table;

import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.Errno;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.TableBounds;
import io.qedstore.qed.format.TableEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tables of an open image: the used part of the L1 table, a bounded cache of slices of L2 tables, and the file
 * offset at which the next cluster is allocated.
 *
 * <p>They are as far as planning is: an entry is set here before its change is in the file. Whoever holds changes back
 * must show them in the {@link FileView}, from which a slice that was evicted comes back.
 *
 * <p>Every method but {@link #load} wants the plan lock held by the caller. Those that may load a slice release it for
 * that time; between {@link #pin} and {@link Pins#release} nothing in the pinned range needs loading.
 */
public final class ImageTables {
    private final FileView file;
    private final ImageGeometry geometry;
    private final long l1TableOffset;
    private final L2Cache l2;
    private TableBounds bounds;
    private long[] l1;

    /** Whether memory is ahead of the file and could not be brought back to it. */
    private boolean outdated;

    private ImageTables(FileView file, ReentrantLock lock, QedHeader header, long l2CacheBytes, TableBounds bounds) {
        this.file = file;
        this.geometry = header.geometry();
        this.l1TableOffset = header.l1TableOffset();
        this.l2 = new L2Cache(file, lock, l2CacheBytes);
        this.bounds = bounds;
        this.l1 = new long[0];
    }

    /**
     * Reads the part of the L1 table that the image uses.
     *
     * @param header that has passed its checks
     * @param l2CacheBytes limit of the L2 cache; what one plan touches is held in any case
     */
    public static ImageTables load(FileView file, ReentrantLock lock, QedHeader header, long l2CacheBytes)
            throws IOException {
        ImageTables tables = new ImageTables(file, lock, header, l2CacheBytes, TableBounds.of(header, file.length()));
        lock.lock();
        try {
            tables.l1 = tables.readL1(tables.geometry.l1EntriesFor(header.imageSize()));
        } finally {
            lock.unlock();
        }
        return tables;
    }

    private long[] readL1(int entries) throws IOException {
        try {
            return TableReader.readEntries(file, l1TableOffset, entries);
        } catch (IOException e) {
            throw new IOException("Failed to read L1 table: " + e.getMessage(), e);
        }
    }

    public TableBounds bounds() {
        return bounds;
    }

    /** Reads the L1 entries that a larger image uses besides. */
    public void growTo(long imageSizeBytes) throws IOException {
        int entries = geometry.l1EntriesFor(imageSizeBytes);
        if (entries > l1.length) {
            long[] grown = readL1(entries);
            System.arraycopy(l1, 0, grown, 0, l1.length);
            l1 = grown;
        }
    }

    /**
     * Says that memory is ahead of the file, because a change could not be put into it. Every request fails until {@link
     * #reload} has succeeded: what is in memory and not in the file would be built upon.
     */
    public void distrust() {
        outdated = true;
    }

    /** Goes back to what the file says. Space that was allocated meanwhile is not used again. */
    public void reload() throws IOException {
        l2.clear();
        l1 = readL1(l1.length);
        long usable = TableBounds.usableBytes(geometry, file.length());
        bounds = bounds.withUsableBytes(Math.max(bounds.usableBytes(), usable));
        outdated = false;
    }

    /** @throws IOException if what is in memory is not to be trusted any more */
    public void requireCurrent() throws IOException {
        if (outdated) {
            throw new IOException(
                    "a change could not be written and the tables could not be read back after it; close the"
                            + " image, look after the disk and open it again");
        }
    }

    /**
     * The longest run of one kind that starts at {@code guestOffset}, at most {@code maxBytes} long. It ends with the
     * slice (512 clusters) that its entries lie in, so the next run may well be of the same kind. May release the lock
     * before it decides, not after.
     *
     * @throws QedFormatException if the first entry is not valid; later ones end the run
     */
    public ClusterRun run(long guestOffset, long maxBytes) throws IOException {
        for (; ; ) {
            ClusterRun run = runIfPresent(guestOffset, maxBytes);
            if (run != null) {
                return run;
            }
            long table = l2Table(geometry.l1Index(guestOffset));
            int index = geometry.l2Index(guestOffset);
            L2Slice loaded = l2.load(sliceOffset(table, index));
            if (loaded != null) {
                try {
                    return runInSlice(loaded, loaded.fileOffset, index, guestOffset, maxBytes);
                } finally {
                    l2.unpin(loaded);
                }
            }
        }
    }

    /** As {@link #run}, but never releases the lock: null where the entries are not in memory. */
    public @Nullable ClusterRun runIfPresent(long guestOffset, long maxBytes) throws IOException {
        long table = l2Table(geometry.l1Index(guestOffset));
        if (table == TableEntry.UNALLOCATED) {
            long span = geometry.l2SpanBytes();
            return new ClusterRun.NoTable(Math.min(maxBytes, span - (guestOffset & (span - 1))));
        }
        int index = geometry.l2Index(guestOffset);
        long sliceOffset = sliceOffset(table, index);
        L2Slice slice = l2.ifPresent(sliceOffset);
        return slice == null ? null : runInSlice(slice, sliceOffset, index, guestOffset, maxBytes);
    }

    private ClusterRun runInSlice(L2Slice slice, long sliceOffset, int l2Index, long guestOffset, long maxBytes)
            throws QedFormatException {
        long[] entries = slice.loadedEntries();
        int index = l2Index & (L2Slice.ENTRIES - 1);
        int inCluster = geometry.offsetInCluster(guestOffset);
        long wanted = geometry.clustersFor(inCluster + maxBytes);
        int limit = (int) Math.min(wanted, L2Slice.ENTRIES - index);
        long first = entries[index];
        boolean allocated = first != TableEntry.UNALLOCATED && first != TableEntry.ZERO;
        if (allocated && !bounds.isClusterOffset(first)) {
            throw invalidEntry("L2", sliceOffset + (long) index * TableEntry.BYTES, first);
        }
        // A run that would go on past the end of the file is cut there: its entries have yet to be found invalid.
        long step = allocated ? geometry.clusterSize() : 0;
        long lastValid = allocated ? bounds.usableBytes() - step : first;
        int count = 1;
        while (count < limit && entries[index + count] == first + count * step && first + count * step <= lastValid) {
            count++;
        }
        long length = Math.min(maxBytes, (long) count * geometry.clusterSize() - inCluster);
        long entryOffset = sliceOffset + (long) index * TableEntry.BYTES;
        if (allocated) {
            return new ClusterRun.Data(first + inCluster, length);
        }
        return first == TableEntry.ZERO
                ? new ClusterRun.Zero(entryOffset, length)
                : new ClusterRun.Unallocated(entryOffset, length);
    }

    private long l2Table(int l1Index) throws IOException {
        requireCurrent();
        long entry = l1[l1Index];
        if (entry != TableEntry.UNALLOCATED && !bounds.isTableOffset(entry)) {
            throw invalidEntry("L1", l1EntryOffset(l1Index), entry);
        }
        return entry;
    }

    private static long sliceOffset(long tableOffset, int l2Index) {
        return tableOffset + (long) (l2Index / L2Slice.ENTRIES) * L2Slice.BYTES;
    }

    private QedFormatException invalidEntry(String table, long entryOffset, long entry) {
        return new QedFormatException(
                QedError.TABLE_ENTRY,
                "the " + table + " entry at byte " + entryOffset + " is 0x" + Long.toHexString(entry)
                        + ", expected 0 or the offset of a whole " + (table.equals("L1") ? "table" : "cluster")
                        + " from " + bounds.headerBytes() + " to " + bounds.usableBytes()
                        + "; the file is corrupt, see what `file check` says");
    }

    /** File offset of an L1 entry. */
    public long l1EntryOffset(int l1Index) {
        return l1TableOffset + (long) l1Index * TableEntry.BYTES;
    }

    /**
     * Brings every slice that {@code [guestOffset, guestOffset + lengthBytes)} needs into memory and keeps it there. The
     * lock may have been released; when this returns, it holds for the tables as they are now.
     */
    public Pins pin(long guestOffset, long lengthBytes) throws IOException {
        Pins pins = new Pins();
        boolean complete = false;
        try {
            while (!pins.cover(guestOffset, guestOffset + lengthBytes, Pins::hold)) {
                // a load released the lock: look at the whole range again
            }
            complete = true;
            return pins;
        } finally {
            if (!complete) {
                pins.release();
            }
        }
    }

    /** As {@link #pin}, but never releases the lock: null where a slice is not in memory. */
    public @Nullable Pins pinIfPresent(long guestOffset, long lengthBytes) throws IOException {
        Pins pins = new Pins();
        boolean complete = false;
        try {
            complete = pins.cover(guestOffset, guestOffset + lengthBytes, Pins::holdIfPresent);
            return complete ? pins : null;
        } finally {
            if (!complete) {
                pins.release();
            }
        }
    }

    /** How a slice comes to be held. */
    @FunctionalInterface
    private interface Hold {
        /** Whether it is held and the lock was not released for that. */
        boolean hold(Pins pins, long sliceOffset) throws IOException;
    }

    /** Slices that stay in memory; few, so they are looked for one by one. */
    public final class Pins {
        private final List<L2Slice> held = new ArrayList<>(2);
        private long generation = l2.generation();

        private Pins() {}

        /** Whether the whole range is held; if not, one more slice is held now and the lock was released meanwhile. */
        private boolean cover(long start, long end, Hold how) throws IOException {
            if (generation != l2.generation()) {
                held.clear();
                generation = l2.generation();
            }
            long sliceSpan = (long) L2Slice.ENTRIES * geometry.clusterSize();
            for (long at = start; at < end; at = Math.min(end, (at / sliceSpan + 1) * sliceSpan)) {
                long table = l2Table(geometry.l1Index(at));
                if (table != TableEntry.UNALLOCATED && !how.hold(this, sliceOffset(table, geometry.l2Index(at)))) {
                    return false;
                }
            }
            return true;
        }

        private boolean holdIfPresent(long sliceOffset) {
            for (L2Slice slice : held) {
                if (slice.fileOffset == sliceOffset) {
                    return true;
                }
            }
            L2Slice slice = l2.ifPresent(sliceOffset);
            if (slice == null) {
                return false;
            }
            slice.pins++;
            held.add(slice);
            return true;
        }

        private boolean hold(long sliceOffset) throws IOException {
            if (holdIfPresent(sliceOffset)) {
                return true;
            }
            L2Slice loaded = l2.load(sliceOffset);
            if (loaded != null) {
                held.add(loaded);
            }
            return false;
        }

        public void release() {
            held.forEach(l2::unpin);
            held.clear();
        }
    }

    /** @throws QedFormatException if a file that is this much longer would have offsets beyond 2^63 - 1 */
    public void requireRoom(long lengthBytes) throws QedFormatException {
        if (lengthBytes > Long.MAX_VALUE - bounds.usableBytes()) {
            throw new QedFormatException(
                    QedError.TOO_LARGE,
                    Errno.EFBIG,
                    Errno.EFBIG.text() + " (clusters are allocated from byte " + bounds.usableBytes()
                            + " on, and no file reaches " + lengthBytes
                            + " bytes further; copy the image into a new file)");
        }
    }

    /**
     * Takes space for {@code clusters} clusters at the end of the file and returns its file offset. The caller has asked
     * {@link #requireRoom} whether there is any.
     */
    public long allocate(long clusters) {
        long offset = bounds.usableBytes();
        bounds = bounds.withUsableBytes(Math.addExact(offset, Math.multiplyExact(clusters, geometry.clusterSize())));
        return offset;
    }

    /** Sets neighbouring entries of one slice, which must be pinned. */
    public void setL2Entries(long entryOffset, EntryRun run) {
        long sliceOffset = entryOffset & -L2Slice.BYTES;
        L2Slice slice = l2.ifPresent(sliceOffset);
        if (slice == null || slice.pins == 0) {
            throw new IllegalStateException("the L2 slice at byte " + sliceOffset + " is not pinned");
        }
        long[] entries = slice.loadedEntries();
        int index = (int) (entryOffset - sliceOffset) / TableEntry.BYTES;
        for (int i = 0; i < run.count(); i++) {
            entries[index + i] = run.entry(i);
        }
    }

    public void setL1Entry(int l1Index, long tableOffset) {
        l1[l1Index] = tableOffset;
    }

    /** Bytes of L2 tables in memory. */
    public long l2CacheBytes() {
        return l2.bytes();
    }
}
