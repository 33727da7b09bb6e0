package io.qedstore.index.rocksdb;

import io.qedstore.content.BlockSums;
import io.qedstore.digest.Digest;
import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import io.qedstore.index.IndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of a node's files, next to its index.
 *
 * <p>One thread takes all that waits, of all images, writes it as one synced batch and calls the callbacks in the order of
 * the calls; what comes meanwhile waits for the next batch. So a sync serves as many images as there are, and none waits for
 * more than two. Whoever calls bounds what waits: a few calls for each image.
 *
 * <p>A ceiling is only raised: a lower one of the same lineage is refused, since the file may hold what lies between. Another
 * file for the image begins with {@link #forget}.
 *
 * <p>It cannot be made again from the logs. If the folder is deleted, or a disk has lost it, the ceilings are gone: a file may
 * hold events that its log has lost, and nothing says so any more. So a file without progress is none that a node may use as
 * it is: it is compared with a content digest of its log, or copied anew.
 *
 * <p>To be closed before the index is.
 */
public final class RocksDbProgress implements ProgressStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RocksDbProgress.class);

    /** From the end of one write to the next one's beginning: a stream of events costs a sync for each pause, and no more. */
    private static final long PAUSE_NANOS = Duration.ofMillis(25).toNanos();

    /** The sum, and the file's length. */
    private static final int SUM_BYTES = Digest.BYTES + Long.BYTES;

    private final Store store;
    private final Thread writer;

    /** Guards all below. */
    private final Object lock = new Object();

    private final List<Step> waiting = new ArrayList<>();
    /** Why nothing is stored any more. */
    private @Nullable IndexException over;

    /** What is being written, and told of; the writer's alone. */
    private final Queue<Step> taken = new ArrayDeque<>();

    private RocksDbProgress(Store store) {
        this.store = store;
        this.writer = new Thread(this::run, "qedstore-progress");
        writer.setDaemon(true);
    }

    /** Keeps the progress in the same database as an index. */
    public static RocksDbProgress open(RocksDbIndex index) {
        RocksDbProgress progress = new RocksDbProgress(index.store());
        progress.writer.start();
        return progress;
    }

    @Override
    public Optional<FoldState> synced(ImageId image) throws IOException {
        return get(Keys.synced(image));
    }

    @Override
    public Optional<FoldState> ceiling(ImageId image) throws IOException {
        return get(Keys.ceiling(image));
    }

    private Optional<FoldState> get(byte[] key) throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.PROGRESS, key, View::foldState);
        }
    }

    @Override
    public BlockSums sums(ImageId image) throws IOException {
        byte[] sum = store.get(Family.PROGRESS, Keys.sum(image));
        if (sum != null && sum.length != SUM_BYTES) {
            throw store.failures().damaged("the sum of image " + image + " has " + sum.length + " bytes");
        }
        ByteBuffer of = ByteBuffer.wrap(sum == null ? new byte[SUM_BYTES] : sum);
        return new BlockSums(new StoredPages(store, image), Digest.read(of), of.getLong());
    }

    @Override
    public void storeSynced(FoldState state, BlockSums.Change content, Stored callback) {
        byte[] value = FoldStateCodec.encode(state);
        add(new Step(
                (batch, ceilings) -> {
                    batch.put(Family.PROGRESS, Keys.synced(state.image()), value);
                    put(batch, state.image(), content);
                },
                callback));
    }

    private static void put(BatchWriter batch, ImageId image, BlockSums.Change content) throws RocksDBException {
        ByteBuffer sum = ByteBuffer.allocate(SUM_BYTES);
        content.sum().write(sum);
        batch.put(
                Family.PROGRESS,
                Keys.sum(image),
                sum.putLong(content.lengthBytes()).array());
        for (Map.Entry<Long, byte[]> page : content.pages().entrySet()) {
            batch.put(Family.BLOCKS, Keys.blocks(image, page.getKey()), page.getValue());
        }
    }

    @Override
    public Optional<Seed> seed(ImageId image) throws IOException {
        byte[] found = store.get(Family.PROGRESS, Keys.seed(image));
        try {
            return found == null ? Optional.empty() : Optional.of(SeedCodec.decode(found));
        } catch (FoldStateException e) {
            throw store.failures().damaged(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void storeSeed(Seed seed, BlockSums.Change content, Stored callback) {
        ImageId image = seed.from().image();
        add(new Step(
                (batch, ceilings) -> {
                    put(batch, image, content);
                    if (seed.isWhole()) {
                        ceilings.raise(seed.to());
                        batch.put(Family.PROGRESS, Keys.synced(image), FoldStateCodec.encode(seed.from()));
                        batch.put(Family.PROGRESS, Keys.ceiling(image), FoldStateCodec.encode(seed.to()));
                        batch.remove(Family.PROGRESS, Keys.seed(image));
                    } else {
                        batch.put(Family.PROGRESS, Keys.seed(image), SeedCodec.encode(seed));
                    }
                },
                callback));
    }

    @Override
    public void raiseCeiling(FoldState state, Stored callback) {
        byte[] value = FoldStateCodec.encode(state);
        add(new Step(
                (batch, ceilings) -> {
                    ceilings.raise(state);
                    batch.put(Family.PROGRESS, Keys.ceiling(state.image()), value);
                },
                callback));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException in a callback of this object, which would wait for itself
     */
    @Override
    public void forget(ImageId image) throws IOException {
        if (Thread.currentThread() == writer) {
            throw new IllegalStateException("image " + image
                    + " cannot be forgotten in a callback of the progress, which would wait for itself: do it in another"
                    + " thread");
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        add(new Step(
                (batch, ceilings) -> {
                    ceilings.forget(image);
                    batch.remove(Family.PROGRESS, Keys.synced(image));
                    batch.remove(Family.PROGRESS, Keys.ceiling(image));
                    batch.remove(Family.PROGRESS, Keys.sum(image));
                    batch.remove(Family.PROGRESS, Keys.seed(image));
                    batch.removeRange(Family.BLOCKS, Keys.blocks(image, 0), Keys.blocks(image, -1));
                },
                new Stored() {
                    @Override
                    public void stored() {
                        done.complete(null);
                    }

                    @Override
                    public void failed(IOException cause) {
                        done.completeExceptionally(cause);
                    }
                }));
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IndexException known) {
                throw known;
            }
            throw new IndexException.Unavailable("the progress of image " + image + " could not be forgotten", e);
        }
    }

    private void add(Step step) {
        IndexException why;
        synchronized (lock) {
            why = over;
            if (why == null) {
                waiting.add(step);
                if (waiting.size() == 1) {
                    lock.notifyAll();
                }
                return;
            }
        }
        step.callback.failed(why);
    }

    /** Writes what waits; what is added afterwards fails. */
    @Override
    public void close() {
        endWith(store.failures().closed());
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes nothing more. */
    private void endWith(IndexException why) {
        synchronized (lock) {
            if (over == null) {
                over = why;
            }
            lock.notifyAll();
        }
    }

    private void run() {
        try {
            while (take()) {
                write();
                pause();
            }
        } catch (RuntimeException | Error e) {
            IndexException why = new IndexException.Unavailable(
                    "the thread that stores the progress of files has ended (" + e + "): start this node again", e);
            endWith(why);
            take();
            tell(why);
            throw e;
        }
    }

    /**
     * Waits until there is something.
     *
     * @return false at the end
     */
    private boolean take() {
        synchronized (lock) {
            while (waiting.isEmpty() && over == null) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    LOG.debug("nobody ends the thread of the progress but its close", e);
                }
            }
            taken.addAll(waiting);
            waiting.clear();
            return !taken.isEmpty();
        }
    }

    /** Short enough that nobody minds, and cut short by the end. */
    private void pause() {
        long until = System.nanoTime() + PAUSE_NANOS;
        synchronized (lock) {
            for (long left = PAUSE_NANOS; left > 0 && over == null; left = until - System.nanoTime()) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    LOG.debug("nobody ends the thread of the progress but its close", e);
                }
            }
        }
    }

    private void write() {
        IOException failure = null;
        try (View before = store.view()) {
            Ceilings ceilings = new Ceilings(before);
            store.writeSynced(batch -> {
                for (Step step : taken) {
                    step.addTo(batch, ceilings);
                }
            });
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            failure = new IndexException.Unavailable("progress could not be written: " + e, e);
        }
        tell(failure);
    }

    /** @param failure null if what was taken is written */
    private void tell(@Nullable IOException failure) {
        for (Step step = taken.poll(); step != null; step = taken.poll()) {
            try {
                step.tell(failure);
            } catch (RuntimeException | Error e) {
                LOG.error("a callback of the progress has failed", e);
            }
        }
    }

    private record StoredPages(Store store, ImageId image) implements BlockSums.Pages {
        @Override
        public byte @Nullable [] page(long number) throws IOException {
            return store.get(Family.BLOCKS, Keys.blocks(image, number));
        }

        @Override
        public long next(long number) throws IOException {
            try (View view = store.view()) {
                return view.ceiling(
                                Family.BLOCKS,
                                Keys.blocks(image, number),
                                Keys.ID_BYTES,
                                (key, value) -> Keys.lastNumber(key))
                        .orElse(Long.MAX_VALUE);
            }
        }
    }

    /** One call. */
    private static final class Step {
        private final Change change;
        private final Stored callback;
        private @Nullable IOException refusal;

        Step(Change change, Stored callback) {
            this.change = change;
            this.callback = callback;
        }

        void addTo(BatchWriter batch, Ceilings ceilings) throws RocksDBException {
            try {
                change.add(batch, ceilings);
            } catch (IOException e) {
                refusal = e;
            }
        }

        void tell(@Nullable IOException failure) {
            IOException cause = refusal == null ? failure : refusal;
            if (cause == null) {
                callback.stored();
            } else {
                callback.failed(cause);
            }
        }
    }

    @FunctionalInterface
    private interface Change {
        /** @throws IOException if it adds nothing, without harm to others */
        void add(BatchWriter batch, Ceilings ceilings) throws RocksDBException, IOException;
    }

    /** The ceilings behind the steps before, of the same batch too. */
    private static final class Ceilings {
        private final View before;
        private final Map<ImageId, Optional<FoldState>> changed = new HashMap<>();

        Ceilings(View before) {
            this.before = before;
        }

        void raise(FoldState to) throws IOException {
            Optional<FoldState> found = changed.get(to.image());
            if (found == null) {
                found = before.get(Family.PROGRESS, Keys.ceiling(to.image()), View::foldState);
            }
            if (found.isPresent() && isLower(to, found.get())) {
                throw new IOException("the ceiling of image " + to.image() + " is at event "
                        + found.get().sequence() + " and cannot be lowered to " + to.sequence()
                        + ": the file may hold what lies between; forget the image first if its file is another one");
            }
            changed.put(to.image(), Optional.of(to));
        }

        private static boolean isLower(FoldState to, FoldState found) {
            return to.lineage().equals(found.lineage()) && to.sequence().compareTo(found.sequence()) < 0;
        }

        void forget(ImageId image) {
            changed.put(image, Optional.empty());
        }
    }
}
