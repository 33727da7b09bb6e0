package io.qedstore.imports;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a whole file into a new log, as the owner of an image that nobody knows yet, and lets go of it.
 *
 * <p>The first event sets the file's length, the others write what is not zeros, and the last one the file's first block, which has the
 * header: no point before it is an image for anybody. Used once, by one thread, which waits for the log as long as it takes.
 */
public final class ImportLog {
    /** So many events are on their way at most, and in memory. */
    private static final int MAX_UNDER_WAY = 6;

    private static final long TICK_MS = 250;

    private final LogOwner owner;
    private final BooleanSupplier isCancelled;
    private final Semaphore places = new Semaphore(MAX_UNDER_WAY);
    private final CompletableFuture<FoldState> owned = new CompletableFuture<>();
    private final CompletableFuture<OwnershipException> ended = new CompletableFuture<>();
    private volatile @Nullable LogException waitsFor;

    /**
     * @param start of the log, which has nothing in it
     * @param id nobody else's, and used once
     * @param isCancelled asked now and then; gives up the log where it is
     */
    public ImportLog(
            EventLog log,
            FoldState start,
            OwnerSettings settings,
            OwnerClock clock,
            UUID id,
            BooleanSupplier isCancelled) {
        this.isCancelled = isCancelled;
        this.owner = new LogOwner(settings, log, FoldTip.of(start), clock, id, (event, after) -> {}, new Listener());
    }

    private final class Listener implements OwnerListener {
        @Override
        public void owned(FoldState state) {
            waitsFor = null;
            owned.complete(state);
        }

        @Override
        public void waiting(LogException cause) {
            waitsFor = cause;
        }

        @Override
        public void ended(OwnershipException cause) {
            ended.complete(cause);
            owned.completeExceptionally(cause);
        }
    }

    /** What the log does not answer with; null if it goes on. */
    public @Nullable LogException waitsFor() {
        return waitsFor;
    }

    /**
     * Returns once the log has all of it, and nobody owns it any more.
     *
     * @param imageSizeBytes the guest's, for people who read the log
     * @param progress told up to where the file is on its way
     * @return the last event
     * @throws IOException if it was cancelled, or the log has failed for good; whoever made the log deletes it
     */
    public Sequence write(FileView file, long imageSizeBytes, DigestAlgorithm algorithm, LongConsumer progress)
            throws IOException, InterruptedException {
        boolean written = false;
        try {
            owner.take(LogOwner.Takeover.IF_FREE);
            await(owned);
            Operation operation = new Operation(Operation.Kind.IMPORT, 0, imageSizeBytes);
            append(EventBody.first(
                    algorithm,
                    List.of(operation),
                    List.of(new QedChange.FileLengthSet(0), new QedChange.FileLengthSet(file.length()))));
            Sequence last = Sequence.NONE;
            FileChanges changes = new FileChanges(file);
            for (List<QedChange> next = changes.next(); !next.isEmpty(); next = changes.next()) {
                last = append(EventBody.of(List.of(operation), next));
                progress.accept(changes.fileOffset());
            }
            places(MAX_UNDER_WAY);
            owner.release(new Counted());
            requireReleased(await(ended));
            written = true;
            return last;
        } finally {
            if (!written) {
                owner.giveUp("the import was given up");
            }
        }
    }

    private Sequence append(EventBody body) throws IOException, InterruptedException {
        places(1);
        return owner.append(body, new Counted());
    }

    private final class Counted implements Acknowledgement {
        @Override
        public void acknowledged(FoldState after) {
            waitsFor = null;
            places.release();
        }

        @Override
        public void failed(OwnershipException cause) {
            ended.complete(cause);
            places.release();
        }
    }

    private void places(int count) throws IOException, InterruptedException {
        while (!places.tryAcquire(count, TICK_MS, TimeUnit.MILLISECONDS)) {
            look();
        }
        if (ended.isDone()) {
            throw ended.join();
        }
    }

    private <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
        while (true) {
            try {
                return answer.get(TICK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                look();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
            }
        }
    }

    private void look() throws IOException {
        if (isCancelled.getAsBoolean()) {
            throw new IOException("the node stops, and the import was not whole in the log; import it again");
        }
        owner.tick();
    }

    private static void requireReleased(OwnershipException cause) throws OwnershipException {
        if (!(cause instanceof OwnershipException.Released)) {
            throw cause;
        }
    }
}
