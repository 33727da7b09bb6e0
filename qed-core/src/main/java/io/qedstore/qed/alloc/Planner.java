package io.qedstore.qed.alloc;

import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.change.QedChange.DataWritten;
import io.qedstore.qed.change.QedChange.HeaderWritten;
import io.qedstore.qed.change.QedChange.L1EntrySet;
import io.qedstore.qed.change.QedChange.L2EntriesSet;
import io.qedstore.qed.change.QedChange.L2TableWritten;
import io.qedstore.qed.change.QedChange.RangeZeroed;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import io.qedstore.qed.format.TableEntry;
import io.qedstore.qed.table.ClusterRun;
import io.qedstore.qed.table.ImageTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides where guest bytes go, as qemu's driver does, so that the same serial requests give the same file.
 *
 * <p>Clusters are only ever taken at the end of the file. A request is cut into runs of one kind, left to right. Mapped
 * runs are overwritten in place. Others get clusters, contiguous per run; then their entries are set, and where there
 * was no L2 table, one is placed behind the run's data and linked last.
 *
 * <p>Before the first request that sets entries, NEED_CHECK is set in the header, unless a backing file is attached
 * (then data must be on disk before its entry is). Guarded by the plan lock; the slices of a request are pinned.
 */
public final class Planner {
    private final ImageTables tables;
    private final ImageGeometry geometry;
    private QedHeader header;

    public Planner(ImageTables tables, QedHeader header) {
        this.tables = tables;
        this.geometry = header.geometry();
        this.header = header;
    }

    /** The header as planned so far. */
    public QedHeader header() {
        return header;
    }

    /** Goes back to the header that is in the file, after a change could not be put into it. */
    public void reload(QedHeader fromFile) {
        header = fromFile;
    }

    /** Which ends of a write need bytes of the backing file: those inside a cluster that is unallocated. */
    public CopyOnWriteNeed copyOnWriteNeed(long guestOffset, long lengthBytes) throws IOException {
        long end = guestOffset + lengthBytes;
        int head = geometry.offsetInCluster(guestOffset);
        int tail = (int) (geometry.ceilToCluster(end) - end);
        boolean headNeeded = head > 0 && isUnallocated(guestOffset);
        boolean tailNeeded = tail > 0 && isUnallocated(end - 1);
        return new CopyOnWriteNeed(headNeeded ? head : 0, tailNeeded ? tail : 0);
    }

    /** Bytes of the backing file before and after a request that it leads into the new clusters. */
    public record CopyOnWriteNeed(int headBytes, int tailBytes) {}

    private boolean isUnallocated(long guestOffset) throws IOException {
        ClusterRun run = tables.run(guestOffset, 1);
        return run instanceof ClusterRun.Unallocated || run instanceof ClusterRun.NoTable;
    }

    /**
     * Whether the plan of a write needs the memory's tables only: it changes mapped clusters, or takes new ones in an open
     * dirty period under a table that exists. Never releases the lock.
     */
    public boolean isPlainSailing(long guestOffset, long lengthBytes, boolean backed) throws IOException {
        boolean mayAllocate = !backed && header.needsCheck();
        long end = guestOffset + lengthBytes;
        for (long at = guestOffset; at < end; ) {
            ClusterRun run = tables.runIfPresent(at, end - at);
            boolean fits = run instanceof ClusterRun.Data
                    || (mayAllocate && (run instanceof ClusterRun.Unallocated || run instanceof ClusterRun.Zero));
            if (run == null || !fits) {
                return false;
            }
            at += run.lengthBytes();
        }
        return true;
    }

    /**
     * Plans a write of {@code data}, or of zeros as data where it is null.
     *
     * @param around the backing file's bytes for the ends that {@link #copyOnWriteNeed} named
     * @param backed whether a backing file is attached
     */
    public Plan write(long guestOffset, long lengthBytes, @Nullable ByteBuffer data, CopyOnWrite around, boolean backed)
            throws IOException {
        Draft draft = new Draft(backed);
        long end = guestOffset + lengthBytes;
        long at = guestOffset;
        for (ClusterRun run : runs(guestOffset, end)) {
            long length = run.lengthBytes();
            ByteBuffer piece =
                    data == null ? null : data.slice(data.position() + (int) (at - guestOffset), (int) length);
            if (run instanceof ClusterRun.Data mapped) {
                draft.fill(mapped.fileOffset(), piece, length);
            } else {
                boolean first = at == guestOffset;
                boolean last = at + length == end;
                boolean zeroCluster = run instanceof ClusterRun.Zero;
                ByteBuffer head = first && !zeroCluster ? around.head() : null;
                ByteBuffer tail = last && !zeroCluster ? around.tail() : null;
                allocate(draft, run, at, piece, head, tail);
            }
            at += length;
        }
        return draft.plan();
    }

    /**
     * The runs of a request, all found before the first of them is changed: a request that meets a broken entry, or for
     * which the file would become too long, changes nothing. What is done to one run does not make another one different.
     */
    private List<ClusterRun> runs(long guestOffset, long end) throws IOException {
        List<ClusterRun> runs = new ArrayList<>(2);
        long roomBytes = 0;
        for (long at = guestOffset; at < end; ) {
            ClusterRun run = tables.run(at, end - at);
            runs.add(run);
            roomBytes += mostRoomBytes(run, at);
            at += run.lengthBytes();
        }
        tables.requireRoom(roomBytes);
        return runs;
    }

    /** By how much the file grows at most when a run gets clusters, and a table where it has none. */
    private long mostRoomBytes(ClusterRun run, long guestOffset) {
        if (run instanceof ClusterRun.Data) {
            return 0;
        }
        long clusterBytes = geometry.ceilToCluster(geometry.offsetInCluster(guestOffset) + run.lengthBytes());
        return run instanceof ClusterRun.NoTable ? clusterBytes + geometry.tableBytes() : clusterBytes;
    }

    /** Gives clusters to a run, fills them (with zeros where {@code head}, {@code piece} or {@code tail} is null), links them. */
    private void allocate(
            Draft draft,
            ClusterRun run,
            long guestOffset,
            @Nullable ByteBuffer piece,
            @Nullable ByteBuffer head,
            @Nullable ByteBuffer tail) {
        int inCluster = geometry.offsetInCluster(guestOffset);
        long filled = inCluster + run.lengthBytes();
        long clusters = geometry.clustersFor(filled);
        long allBytes = clusters * geometry.clusterSize();
        long fileOffset = tables.allocate(clusters);
        draft.markDirty();
        ByteBuffer headData = unlessZero(head);
        ByteBuffer tailData = unlessZero(tail);
        if (headData == null && tailData == null && (piece == null || allBytes > piece.remaining())) {
            draft.add(new RangeZeroed(fileOffset, allBytes));
        } else {
            if (inCluster > 0) {
                draft.fill(fileOffset, headData, inCluster);
            }
            if (allBytes > filled) {
                draft.fill(fileOffset + filled, tailData, allBytes - filled);
            }
        }
        if (piece != null) {
            draft.add(new DataWritten(fileOffset + inCluster, piece));
        } else if (headData != null || tailData != null) {
            draft.add(new RangeZeroed(fileOffset + inCluster, run.lengthBytes()));
        }
        link(draft, run, guestOffset, new EntryRun(Math.toIntExact(clusters), fileOffset, geometry.clusterSize()));
    }

    private static @Nullable ByteBuffer unlessZero(@Nullable ByteBuffer bytes) {
        return bytes == null || isZero(bytes) ? null : bytes;
    }

    private static boolean isZero(ByteBuffer bytes) {
        ByteBuffer rest = bytes.duplicate();
        if (!rest.hasRemaining()) {
            return true;
        }
        byte first = rest.get(rest.position());
        ByteBuffer shifted = rest.slice(rest.position() + 1, rest.remaining() - 1);
        return first == 0 && rest.slice(rest.position(), rest.remaining() - 1).equals(shifted);
    }

    private void link(Draft draft, ClusterRun run, long guestOffset, EntryRun entries) {
        if (run instanceof ClusterRun.NoTable) {
            long table = tables.allocate(geometry.tableSize());
            int l1Index = geometry.l1Index(guestOffset);
            draft.add(new L2TableWritten(table, geometry.tableBytes(), geometry.l2Index(guestOffset), entries));
            draft.add(new L1EntrySet(tables.l1EntryOffset(l1Index), table));
            tables.setL1Entry(l1Index, table);
        } else {
            long entryOffset = run instanceof ClusterRun.Zero zero
                    ? zero.entryOffset()
                    : ((ClusterRun.Unallocated) run).entryOffset();
            draft.add(new L2EntriesSet(entryOffset, entries));
            tables.setL2Entries(entryOffset, entries);
        }
    }

    /** Plans zeros over whole clusters: zero entries where nothing is mapped, zeros in place where something is. */
    public Plan zeroClusters(long guestOffset, long lengthBytes, boolean backed) throws IOException {
        Draft draft = new Draft(backed);
        long at = guestOffset;
        for (ClusterRun run : runs(guestOffset, guestOffset + lengthBytes)) {
            if (run instanceof ClusterRun.Data mapped) {
                draft.add(new RangeZeroed(mapped.fileOffset(), mapped.lengthBytes()));
            } else if (!(run instanceof ClusterRun.Zero)) {
                linkZeros(draft, run, at);
            }
            at += run.lengthBytes();
        }
        return draft.plan();
    }

    private void linkZeros(Draft draft, ClusterRun run, long guestOffset) {
        draft.markDirty();
        int clusters = Math.toIntExact(geometry.clustersFor(run.lengthBytes()));
        link(draft, run, guestOffset, new EntryRun(clusters, TableEntry.ZERO, 0));
    }

    /**
     * Plans a discard. Mapped bytes become zeros in place; whole unallocated clusters with something behind them become
     * zero clusters; nothing else changes.
     *
     * <p>A last cluster that the image fills only in part counts as whole.
     *
     * @param backedUntil guest offset where the backing file ends; 0 without one
     */
    public Plan discard(long guestOffset, long lengthBytes, boolean backed, long backedUntil) throws IOException {
        Draft draft = new Draft(backed);
        long imageSizeBytes = header.imageSize();
        long at = guestOffset;
        for (ClusterRun run : runs(guestOffset, guestOffset + lengthBytes)) {
            long next = at + run.lengthBytes();
            if (run instanceof ClusterRun.Data mapped) {
                draft.add(new RangeZeroed(mapped.fileOffset(), mapped.lengthBytes()));
            } else if (!(run instanceof ClusterRun.Zero)) {
                long from = geometry.ceilToCluster(at);
                long to = next == imageSizeBytes ? next : geometry.floorToCluster(next);
                to = Math.min(to, geometry.ceilToCluster(Math.min(backedUntil, imageSizeBytes)));
                if (from < to) {
                    linkZeros(draft, tables.run(from, to - from), from);
                }
            }
            at = next;
        }
        return draft.plan();
    }

    /**
     * Plans a larger image; the tables must know the new size already. Where the old end lies inside a mapped cluster, the
     * rest of that becomes zeros: it may hold what a backing file had there.
     */
    public Plan resize(long imageSizeBytes) throws IOException {
        List<QedChange> changes = new ArrayList<>(2);
        long oldEnd;
        do { // again if another resize came through while the lock was released for a look
            changes.clear();
            oldEnd = header.imageSize();
            long rest = geometry.ceilToCluster(oldEnd) - oldEnd;
            if (rest > 0 && imageSizeBytes > oldEnd && tables.run(oldEnd, rest) instanceof ClusterRun.Data mapped) {
                changes.add(new RangeZeroed(mapped.fileOffset(), mapped.lengthBytes()));
            }
        } while (header.imageSize() != oldEnd);
        changes.addAll(
                headerPlan(header.withImageSize(imageSizeBytes), new byte[0]).changes());
        return new Plan(changes, false);
    }

    /** Plans a new or (empty name) no backing file. The name must fit, and any old one is overwritten. */
    public Plan changeBackingFile(byte[] name, boolean raw) {
        return headerPlan(
                name.length == 0 ? header.withoutBackingFile() : header.withBackingFile(name.length, raw), name);
    }

    /** Plans the end of a dirty period, once everything before it is durable; empty if the image is clean. */
    public Plan clearNeedCheck() {
        return header.needsCheck() ? headerPlan(header.withNeedCheck(false), new byte[0]) : Plan.EMPTY;
    }

    /** Plans that feature bits go which only their writer understands; empty if there are none. */
    public Plan clearAutoclearFeatures() {
        return header.autoclearFeatures() == 0
                ? Plan.EMPTY
                : headerPlan(header.withoutAutoclearFeatures(), new byte[0]);
    }

    private Plan headerPlan(QedHeader changed, byte[] tail) {
        header = changed;
        return new Plan(List.of(new HeaderWritten(QedHeaderCodec.encode(changed, tail))), false);
    }

    /** A plan in the making. */
    private final class Draft {
        private final List<QedChange> changes = new ArrayList<>(4);
        private final boolean backed;
        private boolean inPlace = true;

        Draft(boolean backed) {
            this.backed = backed;
        }

        void add(QedChange change) {
            changes.add(change);
        }

        /** Bytes for a part of a cluster; zeros where {@code data} is null. */
        void fill(long fileOffset, @Nullable ByteBuffer data, long lengthBytes) {
            add(data == null ? new RangeZeroed(fileOffset, lengthBytes) : new DataWritten(fileOffset, data));
        }

        /** Entries are about to change: opens a dirty period if there is none. */
        void markDirty() {
            inPlace = false;
            if (!backed && !header.needsCheck()) {
                header = header.withNeedCheck(true);
                add(new HeaderWritten(QedHeaderCodec.encode(header)));
            }
        }

        Plan plan() {
            return changes.isEmpty() ? Plan.EMPTY : new Plan(changes, inPlace);
        }
    }
}
