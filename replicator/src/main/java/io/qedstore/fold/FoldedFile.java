package io.qedstore.fold;

import io.qedstore.content.BadBlockException;
import io.qedstore.content.BlockSums;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.content.Scrub;
import io.qedstore.content.SummedFile;
import io.qedstore.digest.Digest;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
    private final Mender mender;
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

    private boolean wasWhole;
    private @Nullable SummedFile summed;
    private final ContentRecord content;

    // ---- for those who read the file meanwhile

    private final ReadWriteLock inUse = new ReentrantReadWriteLock();

    /** The last event that the file has, whole. Changes under the write lock. */
    private volatile long holds;

    /** The last event of which it may have anything; higher after a crash, until all before is applied again. */
    private volatile long mayHold;

    private volatile @Nullable KnownBlocks blocks;

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

    /** A file whose damage nobody can mend. */
    public FoldedFile(
            ImageFile file,
            ProgressStore progress,
            FoldState synced,
            FoldState ceiling,
            long syncEveryBytes,
            Executor executor,
            Listener listener)
            throws IOException {
        this(file, progress, synced, ceiling, Mender.NONE, syncEveryBytes, executor, listener);
    }

    /**
     * @param synced the place to which the file has certainly come; the first event to be taken is the one behind it
     * @param ceiling the place to which it may have come
     * @param mender asked for blocks that the file has lost
     * @param syncEveryBytes how many bytes are applied before the file is synced
     * @param executor runs tasks at any time, also several at once; of this file there is never more than one
     */
    public FoldedFile(
            ImageFile file,
            ProgressStore progress,
            FoldState synced,
            FoldState ceiling,
            Mender mender,
            long syncEveryBytes,
            Executor executor,
            Listener listener)
            throws IOException {
        this.file = file;
        this.mender = mender;
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
        if (holds == mayHold && holds > 0) {
            content.add(new ContentDigest(synced.sequence(), sums.lengthBytes(), sums.sum()));
        }
        synced.algorithm().ifPresent(algorithm -> blocks = new KnownBlocks(file, sums, algorithm, mender));
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

    /** Its blocks, and what is known of them; empty before the image's first event. */
    public Optional<KnownBlocks> blocks() {
        return Optional.ofNullable(blocks);
    }

    /**
     * The file, to read while it is followed; what is read is right. A block that is not is restored meanwhile, which may take its
     * time. Not to be used by who holds {@link #content}.
     */
    public FileView verified() {
        return new SettledView(this, file);
    }

    /**
     * Looks at some blocks of the file, while nothing is applied.
     *
     * @param bad told of each block that is not what is known of it
     * @return as {@link Scrub#step}
     * @throws IOException if the file cannot be looked at, also because it is not whole
     */
    public int scrub(Scrub scrub, LongConsumer bad) throws IOException {
        inUse.readLock().lock();
        try {
            requireWhole();
            return scrub.step(bad);
        } finally {
            inUse.readLock().unlock();
        }
    }

    /** @throws IOException if it has parts of events, after a crash or a failure of the disk */
    public void requireWhole() throws IOException {
        if (holds != mayHold) {
            throw new IOException("the file of image " + applied().image() + " is whole at event " + holds
                    + ", and has parts of those up to event " + mayHold + ", after a crash or a failure of the disk");
        }
    }

    /**
     * Restores a block, if it is not what is known of it. Waits for whoever applies, for other copies and for the log.
     *
     * @return whether it had to be restored
     * @throws BadBlockException if nobody has what it was
     * @throws IOException if the file is not whole
     */
    public boolean settle(long block) throws IOException {
        KnownBlocks known = blocks().orElseThrow();
        Digest wanted = lost(known, block);
        while (wanted != null) {
            byte[] found;
            try {
                found = known.find(block, wanted);
            } catch (BadBlockException e) {
                if (wanted.equals(lost(known, block))) {
                    throw e;
                }
                found = new byte[0]; // an event has overwritten it meanwhile
            }
            if (restored(known, block, wanted, found)) {
                return true;
            }
            wanted = lost(known, block);
        }
        return false;
    }

    /** @return the digest of what the file should have and has not; null if it has it */
    private @Nullable Digest lost(KnownBlocks known, long block) throws IOException {
        inUse.readLock().lock();
        try {
            requireWhole();
            return known.isIntact(block) ? null : sums.get(block);
        } finally {
            inUse.readLock().unlock();
        }
    }

    private boolean restored(KnownBlocks known, long block, Digest wanted, byte[] found) throws IOException {
        inUse.writeLock().lock();
        try {
            boolean isStillWanted = wanted.equals(sums.get(block)) && !known.isIntact(block);
            if (isStillWanted) {
                known.restore(block, found);
            }
            return isStillWanted;
        } finally {
            inUse.writeLock().unlock();
        }
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
            wasWhole = holds == mayHold;
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
            KnownBlocks known = blocks;
            if (known == null) {
                known = new KnownBlocks(file, sums, state.algorithm().orElseThrow(), mender);
                blocks = known;
            }
            made = new SummedFile(known, () -> wasWhole);
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
