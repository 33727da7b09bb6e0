package io.qedstore.fold;

import io.qedstore.content.BlockDigest;
import io.qedstore.content.BlockSums;
import io.qedstore.content.Scrub;
import io.qedstore.content.SummedFile;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An image file that follows the events of its log. Owners and replicas have one each; nothing else writes to the file.
 *
 * <p>An event is applied only below the ceiling, which is stored before: so at every moment the store says up to where the
 * file may hold something. Every so often the file is synced, and then the place is stored that was reached before the sync
 * began: so the store never says that more is on the disk than is. After a crash the file holds all up to the synced place,
 * and anything between that and the ceiling in any mixture; applying the events again from the synced place mends it.
 *
 * <p>Events are taken by any thread and applied on the executor, one after another. A failure of the disk ends it: after a
 * failed sync nobody knows what the file holds.
 */
public class FoldedFile implements FoldSink {
    private final ImageFile file;
    private final BlockSums sums;
    private final ProgressStore progress;
    private final Executor executor;
    private final long syncEveryBytes;
    private final Listener listener;
    private final Object lock = new Object();

    // ---- guarded by the lock

    /** Events that wait. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private long waitingBytes;
    private long appliedBytes;

    /** The last event that came. */
    private long taken;

    /** The place that the log must still have, until the fold has passed it. */
    private @Nullable FoldState unproven;

    /** Nothing above it is applied. */
    private long ceiling;

    private boolean raising;
    private boolean applying;
    private boolean syncWanted;
    private FoldState applied;
    private FoldState synced;
    private @Nullable IOException failure;
    private boolean toldFailure;

    private @Nullable CompletableFuture<Void> ending;

    // ---- used by the one task that runs on the executor

    private long unsyncedBytes;

    private @Nullable SummedFile summed;
    private final ContentRecord content;

    // ---- for those who read the file meanwhile

    private final ReadWriteLock inUse = new ReentrantReadWriteLock();

    /** The last event that the file has, whole. Changes under the write lock. */
    private volatile long holds;

    /** The last event of which it may have anything; higher after a crash, until all before is applied again. */
    private volatile long mayHold;

    private record Waiting(Event event, FoldState after, long bytes) {}

    /**
     * Hears how far the file has come. Called by the executor, by the thread that stores positions or by the one that hands
     * events in; the file holds no lock meanwhile. Must not wait.
     */
    public interface Listener {
        /** All events up to this one are in the file. */
        void applied(Sequence upTo);

        /** They survive a crash of the machine. */
        default void synced(FoldState state) {}

        /** The file cannot be used any more. Called once. */
        void failed(IOException cause);
    }

    /**
     * @param synced the place to which the file has certainly come; the first event to be taken is the one behind it
     * @param ceiling the place to which it may have come
     * @param syncEveryBytes how many bytes are applied before the file is synced
     * @param executor runs tasks at any time, also several at once; of this file there is never more than one
     */
    public FoldedFile(
            ImageFile file,
            ProgressStore progress,
            FoldState synced,
            FoldState ceiling,
            long syncEveryBytes,
            Executor executor,
            Listener listener)
            throws IOException {
        this.file = file;
        this.sums = progress.sums(synced.image());
        this.content = new ContentRecord(
                sums, Math.max(synced.sequence().value(), ceiling.sequence().value()));
        this.progress = progress;
        this.applied = synced;
        this.synced = synced;
        this.taken = synced.sequence().value();
        this.holds = taken;
        this.mayHold = Math.max(taken, ceiling.sequence().value());
        this.unproven = ceiling.sequence().compareTo(synced.sequence()) > 0 ? ceiling : null;
        this.ceiling = ceiling.sequence().value();
        this.syncEveryBytes = syncEveryBytes;
        this.executor = executor;
        this.listener = listener;
    }

    // ---- taking events

    @Override
    public void folded(Event event, FoldState after) {
        take(event, after);
        tellFailure();
    }

    private void take(Event event, FoldState after) {
        long bytes = event.body().maxEncodedBytes();
        synchronized (lock) {
            if (failure != null) {
                return;
            }
            if (after.sequence().value() != taken + 1) {
                fail(new IOException("event " + after.sequence() + " came behind event " + taken));
                return;
            }
            taken++;
            FoldState expected = unproven;
            if (expected != null && after.sequence().compareTo(expected.sequence()) >= 0) {
                if (!isSamePlace(after, expected)) {
                    fail(notAt(expected));
                    return;
                }
                unproven = null;
            }
            waiting.add(new Waiting(event, after, bytes));
            waitingBytes += bytes;
            proceed();
        }
    }

    private static boolean isSamePlace(FoldState found, FoldState expected) {
        return found.sequence().equals(expected.sequence()) && found.digest().equals(expected.digest());
    }

    private static LogException.Truncated notAt(FoldState expected) {
        return new LogException.Truncated("the log of image " + expected.image() + " does not hold event "
                + expected.sequence() + " with digest " + expected.digest()
                + " any more, which was acknowledged and may be in this file: set the file aside and make a new copy");
    }

    /** Bytes of events that wait to be applied. */
    public long waitingBytes() {
        synchronized (lock) {
            return waitingBytes;
        }
    }

    /** Bytes of all events that were applied since the file was opened. */
    public long appliedBytes() {
        synchronized (lock) {
            return appliedBytes;
        }
    }

    /** The place to which all is applied. */
    public FoldState applied() {
        synchronized (lock) {
            return applied;
        }
    }

    /** The place to which all is on the disk, and known to be. */
    public FoldState synced() {
        synchronized (lock) {
            return synced;
        }
    }

    /** While it is held, no event is being applied. */
    public Lock content() {
        return inUse.readLock();
    }

    /** The last event that the file has; it stays so while {@link #content} is held. */
    public long holds() {
        return holds;
    }

    /**
     * The last event of which the file may have something; it stays so while {@link #content} is held. If it is not {@link #holds},
     * the file is no image: a crash, or a failure of the disk, has left it in the middle of the events between.
     */
    public long mayHold() {
        return mayHold;
    }

    /**
     * Looks at some blocks of the file, while nothing is applied.
     *
     * @param bad told of each block that is not what is known of it
     * @return as {@link Scrub#step}, and -1 too where the file cannot be looked at: it is not whole
     */
    public int scrub(Scrub scrub, LongConsumer bad) throws IOException {
        inUse.readLock().lock();
        try {
            return holds == mayHold ? scrub.step(bad) : -1;
        } finally {
            inUse.readLock().unlock();
        }
    }

    /**
     * Puts blocks back that were changed by something else: the one way beside events to write to the file, and only what their
     * digests say.
     *
     * @param behind the event behind which the bytes are
     * @return how many were put back; none if the file has gone on, or they are not what they should be
     */
    public int restore(Map<Long, byte[]> blocks, Sequence behind) throws IOException {
        inUse.writeLock().lock();
        try {
            FoldState now = applied();
            if (holds != behind.value() || mayHold != holds || now.algorithm().isEmpty()) {
                return 0;
            }
            int restored = 0;
            for (Map.Entry<Long, byte[]> block : blocks.entrySet()) {
                if (isKnown(block.getKey(), block.getValue(), now.algorithm().get())) {
                    restore(block.getKey(), block.getValue());
                    restored++;
                }
            }
            file.sync();
            return restored;
        } finally {
            inUse.writeLock().unlock();
        }
    }

    private boolean isKnown(long block, byte[] bytes, DigestAlgorithm algorithm) throws IOException {
        return BlockDigest.of(algorithm, block, bytes, 0).equals(sums.get(block));
    }

    /** The file's length is known, too, if it is not too short now. */
    private void restore(long block, byte[] bytes) throws IOException {
        long offset = block * BlockDigest.BLOCK_BYTES;
        long length = content.last().map(ContentDigest::fileLengthBytes).orElse(file.length());
        int count = (int) Math.max(0, Math.min(bytes.length, length - offset));
        file.write(offset, ByteBuffer.wrap(bytes, 0, count));
    }

    /** What the file contains, and what was said of it. */
    public ContentRecord contentRecord() {
        return content;
    }

    /** Takes and applies nothing any more. Completes when nobody uses the file any longer, so that it may be closed. */
    public CompletableFuture<Void> end() {
        CompletableFuture<Void> ended;
        boolean idle;
        synchronized (lock) {
            fail(new IOException("the file was closed"));
            toldFailure = true;
            ended = ending == null ? new CompletableFuture<>() : ending;
            ending = ended;
            idle = !applying;
        }
        if (idle) {
            ended.complete(null);
        }
        return ended;
    }

    /** Syncs the file soon, behind what is being applied now. */
    public void sync() {
        synchronized (lock) {
            syncWanted = true;
            proceed();
        }
        tellFailure();
    }

    // ---- going on

    /** Starts what can be done now. */
    private void proceed() {
        if (failure != null) {
            return;
        }
        Waiting last = waiting.peekLast();
        if (!raising && last != null && last.after.sequence().value() > ceiling) {
            raising = true;
            raiseCeiling(last.after);
        }
        if (!applying && (syncWanted || mayApply(waiting.peek()))) {
            applying = true;
            try {
                executor.execute(this::run);
            } catch (RejectedExecutionException e) {
                fail(new IOException("nobody applies events any more", e));
            }
        }
    }

    private boolean mayApply(@Nullable Waiting next) {
        return next != null && isBelowCeiling(next.after, ceiling);
    }

    /** Whether an event may be put into the file. */
    boolean isBelowCeiling(FoldState after, long ceilingSequence) {
        return after.sequence().value() <= ceilingSequence;
    }

    private void raiseCeiling(FoldState to) {
        progress.raiseCeiling(to, new ProgressStore.Stored() {
            @Override
            public void stored() {
                synchronized (lock) {
                    raising = false;
                    ceiling = Math.max(ceiling, to.sequence().value());
                    proceed();
                }
                tellFailure();
            }

            @Override
            public void failed(IOException cause) {
                synchronized (lock) {
                    fail(cause);
                }
                tellFailure();
            }
        });
    }

    private void run() {
        try {
            List<Waiting> batch = takeBatch();
            for (Waiting next : batch) {
                apply(next);
                unsyncedBytes += next.bytes;
            }
            appliedAll(batch);
            if (isSyncDue()) {
                syncFile();
            }
        } catch (IOException e) {
            synchronized (lock) {
                fail(e);
            }
        } catch (RuntimeException | Error e) {
            synchronized (lock) {
                fail(new IOException("an event could not be applied; please report this: " + e, e));
            }
        }
        CompletableFuture<Void> ended;
        synchronized (lock) {
            applying = false;
            proceed();
            ended = ending;
        }
        tellFailure();
        if (ended != null) {
            ended.complete(null);
        }
    }

    private void apply(Waiting next) throws IOException {
        long sequence = next.after.sequence().value();
        Optional<ContentDigest> said = next.event.body().contentDigest();
        if (said.isPresent()) {
            content.compare(said.get(), next.after.image());
        }
        SummedFile target = summed(next.after);
        inUse.writeLock().lock();
        try {
            mayHold = Math.max(mayHold, sequence);
            for (QedChange change : next.event.body().changes()) {
                change.applyTo(target);
            }
            holds = sequence;
        } finally {
            inUse.writeLock().unlock();
        }
        content.add(new ContentDigest(next.after.sequence(), file.length(), sums.sum()));
    }

    /** By the algorithm that the image's first event names. */
    private SummedFile summed(FoldState state) {
        SummedFile made = summed;
        if (made == null) {
            made = new SummedFile(file, sums, state.algorithm().orElseThrow());
            summed = made;
        }
        return made;
    }

    private List<Waiting> takeBatch() {
        synchronized (lock) {
            List<Waiting> batch = new ArrayList<>();
            while (mayApply(waiting.peek())) {
                batch.add(waiting.remove());
            }
            return batch;
        }
    }

    private void appliedAll(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return;
        }
        FoldState last = batch.get(batch.size() - 1).after;
        synchronized (lock) {
            applied = last;
            for (Waiting done : batch) {
                waitingBytes -= done.bytes;
                appliedBytes += done.bytes;
            }
        }
        listener.applied(last.sequence());
    }

    private boolean isSyncDue() {
        synchronized (lock) {
            return syncWanted || unsyncedBytes >= syncEveryBytes;
        }
    }

    /** Syncs the file, and then stores the place that was reached before. */
    void syncFile() throws IOException {
        Reached reached = beginSync();
        file.sync();
        storeSynced(reached);
    }

    /**
     * What a sync stands for.
     *
     * @param content what the file contains then, as far as it is not stored
     */
    record Reached(FoldState state, BlockSums.Change content) {}

    final Reached beginSync() {
        synchronized (lock) {
            syncWanted = false;
            unsyncedBytes = 0;
            return new Reached(applied, sums.take());
        }
    }

    final ImageFile file() {
        return file;
    }

    final void storeSynced(Reached reached) {
        progress.storeSynced(reached.state(), reached.content(), new ProgressStore.Stored() {
            @Override
            public void stored() {
                sums.stored(reached.content());
                synchronized (lock) {
                    synced = reached.state();
                }
                listener.synced(reached.state());
            }

            @Override
            public void failed(IOException cause) {
                synchronized (lock) {
                    fail(cause);
                }
                tellFailure();
            }
        });
    }

    private void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
            waiting.clear();
            waitingBytes = 0;
        }
    }

    /** Without the lock: whoever hears of it may have one of its own, under which events come in. */
    private void tellFailure() {
        IOException untold;
        synchronized (lock) {
            untold = toldFailure ? null : failure;
            toldFailure = untold != null || toldFailure;
        }
        if (untold != null) {
            listener.failed(untold);
        }
    }
}
