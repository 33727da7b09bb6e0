package io.qedstore.index.rocksdb;

import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.ProgressStore;
import io.qedstore.index.IndexException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 * <p>It cannot be made again from the logs. If the folder is deleted, or a disk has lost it, the ceilings are gone: a file may
 * hold events that its log has lost, and nothing says so any more. So a file without progress is none that a node may use as
 * it is: it is compared with a content digest of its log, or copied anew.
 *
 * <p>To be closed before the index is.
 */
public final class RocksDbProgress implements ProgressStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RocksDbProgress.class);

    private final Store store;
    private final Thread writer;

    /** Guards all below. */
    private final Object lock = new Object();

    private List<Step> waiting = new ArrayList<>();
    private boolean closed;

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
    public void storeSynced(FoldState state, Stored callback) {
        put(Keys.synced(state.image()), state, callback);
    }

    @Override
    public void raiseCeiling(FoldState state, Stored callback) {
        put(Keys.ceiling(state.image()), state, callback);
    }

    private void put(byte[] key, FoldState state, Stored callback) {
        byte[] value = FoldStateCodec.encode(state);
        add(new Step(batch -> batch.put(Family.PROGRESS, key, value), callback));
    }

    @Override
    public void forget(ImageId image) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        add(new Step(
                batch -> {
                    batch.remove(Family.PROGRESS, Keys.synced(image));
                    batch.remove(Family.PROGRESS, Keys.ceiling(image));
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
        synchronized (lock) {
            if (!closed) {
                waiting.add(step);
                lock.notifyAll();
                return;
            }
        }
        step.callback.failed(store.failures().closed());
    }

    /** Writes what waits; what is added afterwards fails. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
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

    private void run() {
        try {
            List<Step> taken = take();
            while (!taken.isEmpty()) {
                write(taken);
                taken = take();
            }
        } finally {
            failWhoeverWaits();
        }
    }

    /** Nobody, unless an error has ended the thread. */
    private void failWhoeverWaits() {
        List<Step> left;
        synchronized (lock) {
            closed = true;
            left = waiting;
            waiting = new ArrayList<>();
        }
        left.forEach(step -> step.callback.failed(store.failures().closed()));
    }

    /** Waits until there is something. */
    private List<Step> take() {
        synchronized (lock) {
            while (waiting.isEmpty() && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    LOG.debug("nobody ends the thread of the progress but its close", e);
                }
            }
            List<Step> taken = waiting;
            waiting = new ArrayList<>();
            return taken;
        }
    }

    private void write(List<Step> steps) {
        IOException failure = null;
        try {
            store.writeSynced(batch -> {
                for (Step step : steps) {
                    step.change.add(batch);
                }
            });
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new IndexException.Unavailable("progress could not be written", e);
        }
        for (Step step : steps) {
            try {
                if (failure == null) {
                    step.callback.stored();
                } else {
                    step.callback.failed(failure);
                }
            } catch (RuntimeException e) {
                LOG.error("a callback of the progress has failed", e);
            }
        }
    }

    private record Step(Change change, Stored callback) {}

    @FunctionalInterface
    private interface Change {
        void add(BatchWriter batch) throws RocksDBException;
    }
}
