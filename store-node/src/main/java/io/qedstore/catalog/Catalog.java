package io.qedstore.catalog;

import io.qedstore.event.CatalogCodec;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogFold;
import io.qedstore.index.OlderNodes;
import io.qedstore.index.WritableIndex;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the catalog's log into the index, and writes to it. What was written counts if the fold says so when it has come to
 * that record: so every node decides the same, and whoever wrote second is told.
 *
 * <p>One thread does all of it; the methods may be called by any.
 */
public final class Catalog implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private static final long RETRY_MS = 500;
    private static final long END_SECONDS = 10;

    /** Decisions of this node's records that were folded before the log had said where they lie. */
    private static final int MAX_EARLY = 1024;

    private final EventLog log;
    private final CatalogFold fold;
    private final WritableIndex index;
    private final NodeId self;
    private final LongSupplier wallMicros;
    private final Listener listener;
    private final ScheduledExecutorService thread;

    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private volatile Optional<String> problem = Optional.of("the catalog is being read");
    private volatile long nextOffset;

    /** Those who have no answer yet. */
    private final Map<Long, CompletableFuture<CatalogDecision>> asked = new ConcurrentHashMap<>();

    private final AtomicLong questions = new AtomicLong();

    // ---- used by the thread alone

    private EventLog.@Nullable Appender appender;
    private int underWay;
    private final Map<Long, CompletableFuture<CatalogDecision>> waiting = new HashMap<>();
    private final Map<Long, CatalogDecision> early = new LinkedHashMap<>();
    private boolean wasEmpty;
    private boolean failed;

    /** Hears of changes. Called by the catalog's thread: must not wait. */
    public interface Listener {
        /** The index holds these. */
        void changed(List<CatalogChange> changes);

        /** The catalog cannot be followed any further. Called once. */
        void failed(IOException cause);
    }

    /** @throws IOException if the index was made from another catalog, or cannot be read */
    public Catalog(EventLog log, WritableIndex index, NodeId self, LongSupplier wallMicros, Listener listener)
            throws IOException {
        this.log = log;
        this.fold = new CatalogFold(log.topicId(), index);
        this.index = index;
        this.self = self;
        this.wallMicros = wallMicros;
        this.listener = listener;
        this.nextOffset = fold.position().nextOffset();
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "qedstore-catalog");
            made.setDaemon(true);
            return made;
        });
    }

    /** Begins to follow. */
    public void start() {
        thread.execute(this::read);
    }

    /** Completes once all is folded that the log had at the first look, and exceptionally if that cannot be. */
    public CompletableFuture<Void> caughtUp() {
        return caughtUp;
    }

    /** Why the index may be behind the catalog; empty if all is well. */
    public Optional<String> problem() {
        return problem;
    }

    /** Whether the index holds all that the catalog has now. Waits for the brokers. */
    public boolean isCurrent() throws IOException {
        long end = log.endOffset();
        return nextOffset >= end;
    }

    /** Up to where the catalog is folded, exclusive. */
    public long nextOffset() {
        return nextOffset;
    }

    /**
     * Writes a record and tells what it is worth, once this node has folded it. Fails with a {@link CatalogUncertainException} if
     * the log does not say what became of it, and with an {@link OlderNodeException} if some node could not read it.
     */
    public CompletableFuture<CatalogDecision> submit(CatalogEvent event) {
        CompletableFuture<CatalogDecision> decision = new CompletableFuture<>();
        long question = questions.incrementAndGet();
        asked.put(question, decision);
        decision.whenComplete((worth, failure) -> asked.remove(question));
        execute(() -> append(event, decision));
        if (thread.isShutdown()) {
            failAsked(new IOException("the catalog is closed, because the node stops"));
        }
        return decision;
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the catalog is closed", e);
        }
    }

    /** Whoever is still waiting gets no answer. */
    private void failAsked(IOException cause) {
        CatalogUncertainException uncertain = new CatalogUncertainException(
                "the catalog may have the change, and cannot be followed to it: " + cause.getMessage(), cause);
        List.copyOf(asked.values()).forEach(decision -> decision.completeExceptionally(uncertain));
    }

    private void append(CatalogEvent event, CompletableFuture<CatalogDecision> decision) {
        if (failed) {
            decision.completeExceptionally(
                    new IOException(problem.orElse("the catalog cannot be followed") + "; nothing was written to it"));
            return;
        }
        try {
            Optional<String> older = OlderNodes.whoCannotRead(event, index);
            if (older.isPresent()) {
                throw new OlderNodeException(older.get());
            }
        } catch (IOException e) {
            decision.completeExceptionally(e);
            return;
        }
        EventLog.Appender way = appender;
        if (way == null) {
            way = log.newAppender();
            appender = way;
        }
        EventLog.Appender used = way;
        underWay++;
        byte[] record = CatalogCodec.encode(new CatalogRecord(wallMicros.getAsLong(), self, event));
        way.append(record, new EventLog.AppendCallback() {
            @Override
            public void appended(long offset) {
                execute(() -> lies(offset, decision));
            }

            @Override
            public void failed(LogException cause) {
                execute(() -> notAppended(used, cause, decision));
            }
        });
    }

    private void lies(long offset, CompletableFuture<CatalogDecision> decision) {
        underWay--;
        CatalogDecision known = early.remove(offset);
        if (known != null) {
            decision.complete(known);
        } else {
            waiting.put(offset, decision);
        }
        forgetEarly();
    }

    private void forgetEarly() {
        if (underWay == 0) {
            early.clear();
        }
    }

    private void notAppended(EventLog.Appender used, LogException cause, CompletableFuture<CatalogDecision> decision) {
        underWay--;
        forgetEarly();
        if (appender == used) {
            appender = null;
            used.close();
        }
        decision.completeExceptionally(new CatalogUncertainException(
                "the catalog does not say whether it took the change (" + cause.getMessage()
                        + "); look whether it is there before you ask again",
                cause));
    }

    // ---- following

    private void read() {
        EventLog.AtEnd atEnd = caughtUp.isDone() || wasEmpty ? EventLog.AtEnd.WAIT : EventLog.AtEnd.ANSWER;
        log.read(fold.position(), atEnd, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                execute(() -> take(batch));
            }

            @Override
            public void failed(LogException cause) {
                execute(() -> readFailed(cause));
            }
        });
    }

    private void take(LogBatch batch) {
        try {
            for (StoredRecord stored : batch.records()) {
                take(stored);
            }
        } catch (IOException e) {
            fail(e);
            return;
        } catch (RuntimeException e) {
            fail(new IOException("the catalog could not be folded; please report this: " + e, e));
            return;
        }
        wasEmpty = batch.records().isEmpty();
        boolean atEnd = fold.position().nextOffset() >= batch.endOffset();
        if (atEnd) {
            problem = Optional.empty();
            caughtUp.complete(null);
        }
        read();
    }

    private void take(StoredRecord stored) throws IOException {
        CatalogFold.Judged judged = fold.next(stored);
        nextOffset = fold.position().nextOffset();
        if (!judged.decision().changes().isEmpty()) {
            tell(judged.decision().changes());
        }
        CompletableFuture<CatalogDecision> own = waiting.remove(judged.offset());
        if (own != null) {
            own.complete(judged.decision());
        } else if (underWay > 0 && isOwn(judged) && early.size() < MAX_EARLY) {
            early.put(judged.offset(), judged.decision());
        }
    }

    /** The index holds them already: a listener's mistake is its own. */
    private void tell(List<CatalogChange> changes) {
        try {
            listener.changed(changes);
        } catch (RuntimeException e) {
            LOG.error("a listener of the catalog has failed; please report this", e);
        }
    }

    private boolean isOwn(CatalogFold.Judged judged) {
        return judged.record().isPresent() && judged.record().get().node().equals(self);
    }

    private void readFailed(LogException cause) {
        if (cause instanceof LogException.Unavailable || cause instanceof LogException.Refused) {
            problem = Optional.of("the catalog does not answer: " + cause.getMessage());
            thread.schedule(this::read, RETRY_MS, TimeUnit.MILLISECONDS);
        } else {
            fail(cause);
        }
    }

    private void fail(IOException cause) {
        if (failed) {
            return;
        }
        failed = true;
        problem = Optional.of("the catalog cannot be followed any further: " + cause.getMessage());
        LOG.error("the catalog cannot be followed any further", cause);
        caughtUp.completeExceptionally(cause);
        waiting.clear();
        failAsked(cause);
        listener.failed(cause);
    }

    /** Writes and follows no more; when it returns the index is not used any longer. */
    @Override
    public void close() throws IOException {
        execute(() -> {
            EventLog.Appender way = appender;
            appender = null;
            if (way != null) {
                way.close();
            }
        });
        thread.shutdown();
        boolean ended = false;
        try {
            ended = thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        failAsked(new IOException("the node stops"));
        if (!ended) {
            throw new IOException("the catalog's thread is still at work after " + END_SECONDS + " s");
        }
    }
}
