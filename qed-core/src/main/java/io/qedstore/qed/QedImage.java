package io.qedstore.qed;

import io.qedstore.qed.alloc.CopyOnWrite;
import io.qedstore.qed.alloc.Plan;
import io.qedstore.qed.alloc.Planner;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.Zeros;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.table.ClusterRun;
import io.qedstore.qed.table.ImageTables;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one QED image. It reads, and it plans: a request becomes a list of changes to the file, the tables in
 * memory go ahead, and the changes go to a {@link PlanSink}. It never writes.
 *
 * <p>Planning is serial, under one lock that is not held while slices of tables and bytes of the backing file are read:
 * that is done before the plan that needs them is made final. (A resize, and going back to the file after a failed
 * change, read under it.) Reads only take the lock to look up where
 * bytes are; a mapped cluster never moves, so the bytes themselves are read without it.
 */
public final class QedImage implements GuestImage {
    /** The default limit of table bytes in memory: maps 256 GiB of guest bytes in clusters of 64 KiB. */
    public static final long DEFAULT_L2_CACHE_BYTES = 32L << 20;

    /** Some ten microseconds. */
    private static final int PLAN_LOCK_TRIES = 200;

    private final String name;
    private final FileView view;
    private final Closeable file;
    private final @Nullable GuestImage backing;
    private final ReentrantLock planLock = new ReentrantLock();
    private final ImageTables tables;
    private final Planner planner;
    private final ImageGeometry geometry;

    /** Changes under the plan lock; read without it. */
    private volatile long sizeBytes;

    private QedImage(
            String name,
            FileView view,
            Closeable file,
            QedHeader header,
            @Nullable GuestImage backing,
            long l2CacheBytes)
            throws IOException {
        this.name = name;
        this.view = view;
        this.file = file;
        this.backing = backing;
        this.geometry = header.geometry();
        this.tables = ImageTables.load(view, planLock, header, l2CacheBytes);
        this.planner = new Planner(tables, header);
        this.sizeBytes = header.imageSize();
    }

    /**
     * Opens the image that lies in {@code file}. Costs the part of its L1 table that its size uses.
     *
     * @param file closed with the image
     * @param header read and checked by {@link HeaderReader}
     * @param backing closed with the image
     * @param l2CacheBytes limit of table bytes in memory
     */
    public static QedImage open(
            String name, ImageFile file, QedHeader header, @Nullable GuestImage backing, long l2CacheBytes)
            throws IOException {
        return open(name, file, file, header, backing, l2CacheBytes);
    }

    /**
     * Opens the image that {@code view} shows, changes included that {@code file} does not hold yet.
     *
     * @param file closed with the image
     */
    public static QedImage open(
            String name,
            FileView view,
            Closeable file,
            QedHeader header,
            @Nullable GuestImage backing,
            long l2CacheBytes)
            throws IOException {
        return new QedImage(name, view, file, header, backing, l2CacheBytes);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public @Nullable GuestImage backing() {
        return backing;
    }

    /** The header as planned so far. */
    public QedHeader header() {
        planLock.lock();
        try {
            return planner.header();
        } finally {
            planLock.unlock();
        }
    }

    // ---- reading

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        if (guestOffset < 0) {
            throw new IllegalArgumentException("guest offset " + guestOffset + " is negative");
        }
        int limit = target.limit();
        long at = guestOffset;
        while (target.hasRemaining() && at < sizeBytes) {
            ClusterRun run = run(at, Math.min(target.remaining(), sizeBytes - at));
            target.limit(target.position() + (int) run.lengthBytes());
            if (run instanceof ClusterRun.Data data) {
                view.read(data.fileOffset(), target);
            } else if (run instanceof ClusterRun.Zero || backing == null) {
                Zeros.fill(target);
            } else {
                backing.read(at, target);
            }
            target.limit(limit);
            at += run.lengthBytes();
        }
        Zeros.fill(target);
    }

    private ClusterRun run(long guestOffset, long maxBytes) throws IOException {
        planLock.lock();
        try {
            return tables.run(guestOffset, maxBytes);
        } finally {
            planLock.unlock();
        }
    }

    @Override
    public Extent extent(long guestOffset, long maxBytes) throws IOException {
        checkRange(guestOffset, maxBytes);
        return extentOf(run(guestOffset, maxBytes));
    }

    @Override
    public @Nullable Extent extentIfCached(long guestOffset, long maxBytes) throws IOException {
        checkRange(guestOffset, maxBytes);
        if (!tryPlanLock()) {
            return null;
        }
        ClusterRun run;
        try {
            run = tables.runIfPresent(guestOffset, maxBytes);
        } finally {
            planLock.unlock();
        }
        return run == null ? null : extentOf(run);
    }

    /** Whether the lock is held now; whoever has it lets go within microseconds, unless it waits for the disk. */
    private boolean tryPlanLock() {
        for (int i = 0; i < PLAN_LOCK_TRIES; i++) {
            if (planLock.tryLock()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    @Override
    public FileView view() {
        return view;
    }

    private static Extent extentOf(ClusterRun run) {
        if (run instanceof ClusterRun.Data data) {
            return new Extent(Kind.DATA, run.lengthBytes(), OptionalLong.of(data.fileOffset()));
        }
        Kind kind = run instanceof ClusterRun.Zero ? Kind.ZERO : Kind.UNALLOCATED;
        return new Extent(kind, run.lengthBytes(), OptionalLong.empty());
    }

    // ---- planning

    /**
     * Plans a write. The plan's changes refer to {@code data}'s bytes, which must stay as they are until the changes were
     * applied; its position stays.
     */
    public void write(long guestOffset, ByteBuffer data, PlanSink sink) throws IOException {
        planWrite(guestOffset, data.remaining(), data, sink);
    }

    /**
     * As {@link #write}, if that needs nothing but memory and a short lock: no slice of a table has to be loaded, no byte of
     * the backing file is wanted, no dirty period begins, no L2 table is new.
     *
     * @return false if it does need more; nothing has happened then
     */
    public boolean tryWrite(long guestOffset, ByteBuffer data, PlanSink sink) throws IOException {
        int lengthBytes = data.remaining();
        checkRange(guestOffset, lengthBytes);
        if (!tryPlanLock()) {
            return false;
        }
        Plan plan;
        try {
            ImageTables.Pins pins = tables.pinIfPresent(guestOffset, lengthBytes);
            if (pins == null) {
                return false;
            }
            try {
                if (!planner.isPlainSailing(guestOffset, lengthBytes, backing != null)) {
                    return false;
                }
                plan = planner.write(guestOffset, lengthBytes, data, CopyOnWrite.NONE, backing != null);
                hand(plan, sink);
            } finally {
                pins.release();
            }
        } finally {
            planLock.unlock();
        }
        if (!plan.isEmpty()) {
            sink.unlocked(plan);
        }
        return true;
    }

    /**
     * Plans zeros over a range: as data where it covers clusters in part, as zero clusters or zeros in place between. A
     * long range becomes several plans, each of them atomic.
     */
    public void writeZeroes(long guestOffset, long lengthBytes, PlanSink sink) throws IOException {
        checkRange(guestOffset, lengthBytes);
        long end = guestOffset + lengthBytes;
        long from = Math.min(end, geometry.ceilToCluster(guestOffset));
        long to = Math.max(from, geometry.floorToCluster(end));
        planWrite(guestOffset, from - guestOffset, null, sink);
        for (long at = from; at < to; ) {
            long start = at;
            long length = stepLength(at, to);
            plan(at, length, () -> planner.zeroClusters(start, length, backing != null), sink);
            at += length;
        }
        planWrite(to, end - to, null, sink);
    }

    /** Plans a discard, by {@link Planner#discard}; a long range becomes several plans. */
    public void discard(long guestOffset, long lengthBytes, PlanSink sink) throws IOException {
        checkRange(guestOffset, lengthBytes);
        long end = guestOffset + lengthBytes;
        long backedUntil = backing == null ? 0 : backing.sizeBytes();
        for (long at = guestOffset; at < end; ) {
            long start = at;
            long length = stepLength(at, end);
            plan(at, length, () -> planner.discard(start, length, backing != null, backedUntil), sink);
            at += length;
        }
    }

    /** How much of a zero write or discard is planned at once: to the end of the span of its L2 table, 1 GiB at most. */
    private long stepLength(long guestOffset, long end) {
        long step = Math.min(geometry.l2SpanBytes(), Math.max(geometry.clusterSize(), MAX_STEP_BYTES));
        return Math.min(end - guestOffset, step - (guestOffset & (step - 1)));
    }

    private static final long MAX_STEP_BYTES = 1L << 30;

    private void planWrite(long guestOffset, long lengthBytes, @Nullable ByteBuffer data, PlanSink sink)
            throws IOException {
        checkRange(guestOffset, lengthBytes);
        if (lengthBytes == 0) {
            return;
        }
        CopyOnWrite around = copyOnWrite(guestOffset, lengthBytes);
        plan(
                guestOffset,
                lengthBytes,
                () -> planner.write(guestOffset, lengthBytes, data, around, backing != null),
                sink);
    }

    /**
     * Reads the backing file's bytes around a write. They are read before the plan is made and stay right: the backing file
     * does not change, and a cluster that gets data of its own meanwhile does not need them.
     */
    private CopyOnWrite copyOnWrite(long guestOffset, long lengthBytes) throws IOException {
        if (backing == null || (geometry.offsetInCluster(guestOffset) | geometry.offsetInCluster(lengthBytes)) == 0) {
            return CopyOnWrite.NONE;
        }
        Planner.CopyOnWriteNeed need;
        planLock.lock();
        try {
            need = planner.copyOnWriteNeed(guestOffset, lengthBytes);
        } finally {
            planLock.unlock();
        }
        return new CopyOnWrite(
                readBacking(backing, guestOffset - need.headBytes(), need.headBytes()),
                readBacking(backing, guestOffset + lengthBytes, need.tailBytes()));
    }

    private static @Nullable ByteBuffer readBacking(GuestImage backing, long guestOffset, int lengthBytes)
            throws IOException {
        if (lengthBytes == 0) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        backing.read(guestOffset, bytes);
        return bytes.flip();
    }

    @FunctionalInterface
    private interface Planning {
        Plan plan() throws IOException;
    }

    /** Makes a plan and hands it on, in one hold of the lock. */
    private void plan(long guestOffset, long lengthBytes, Planning planning, PlanSink sink) throws IOException {
        Plan plan;
        planLock.lock();
        try {
            ImageTables.Pins pins = tables.pin(guestOffset, lengthBytes);
            try {
                plan = planning.plan();
                hand(plan, sink);
            } finally {
                pins.release();
            }
        } finally {
            planLock.unlock();
        }
        if (!plan.isEmpty()) {
            sink.unlocked(plan);
        }
    }

    private void hand(Plan plan, PlanSink sink) throws IOException {
        if (plan.isEmpty()) {
            return;
        }
        try {
            sink.planned(plan);
        } catch (IOException | RuntimeException | Error e) {
            goBackToFile(e);
            throw e;
        }
    }

    /** Forgets what was planned and not applied: tables and header are those of the file again, or of no use. */
    private void goBackToFile(Throwable cause) {
        tables.distrust();
        try {
            QedHeader header = HeaderReader.reread(view);
            tables.reload();
            planner.reload(header);
            sizeBytes = header.imageSize();
        } catch (IOException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Plans a larger image. The caller has made sure that the size is allowed.
     *
     * @throws IOException if the image is larger already; then nothing is planned
     */
    public void resize(long newSizeBytes, PlanSink sink) throws IOException {
        planHeader(
                () -> {
                    if (newSizeBytes < sizeBytes) {
                        throw new IOException(
                                name + " has " + sizeBytes + " bytes, and does not shrink to " + newSizeBytes);
                    }
                    tables.growTo(newSizeBytes);
                    return planner.resize(newSizeBytes);
                },
                sink);
    }

    /**
     * Plans another backing file name, or none where the name is empty. The open image goes on with the backing file that
     * it has.
     */
    public void changeBackingFile(byte[] backingName, boolean raw, PlanSink sink) throws IOException {
        planHeader(() -> planner.changeBackingFile(backingName, raw), sink);
    }

    /** Plans the end of a dirty period. What was planned before must be durable already, or be so before this is. */
    public void clearNeedCheck(PlanSink sink) throws IOException {
        planHeader(planner::clearNeedCheck, sink);
    }

    /** Plans that feature bits go which a writer that does not know them has to clear, before it writes anything. */
    public void clearAutoclearFeatures(PlanSink sink) throws IOException {
        planHeader(planner::clearAutoclearFeatures, sink);
    }

    private void planHeader(Planning planning, PlanSink sink) throws IOException {
        planLock.lock();
        try {
            tables.requireCurrent();
            hand(planning.plan(), sink);
            sizeBytes = planner.header().imageSize();
        } finally {
            planLock.unlock();
        }
    }

    private void checkRange(long guestOffset, long lengthBytes) {
        if (guestOffset < 0 || lengthBytes < 0 || lengthBytes > sizeBytes - guestOffset) {
            throw new IllegalArgumentException("the range of " + lengthBytes + " bytes at guest offset " + guestOffset
                    + " leaves " + name + ", which has " + sizeBytes + " bytes");
        }
    }

    /** Bytes of L2 tables in memory. */
    public long l2CacheBytes() {
        planLock.lock();
        try {
            return tables.l2CacheBytes();
        } finally {
            planLock.unlock();
        }
    }

    /** Closes the file and the backing chain. */
    @Override
    public void close() throws IOException {
        try (file) {
            if (backing != null) {
                backing.close();
            }
        }
    }
}
