package io.qedstore.hosting;

import io.qedstore.hosting.CopySeeding.Beginning;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to an open file: finds out whether it has to be made, and from what, has it made from another node's where that is best, or
 * from a checkpoint, and opens it. By the image's executor alone; what it is doing may be asked by any thread.
 */
final class CopyOpening {
    private static final Logger LOG = LoggerFactory.getLogger(CopyOpening.class);

    /** Other nodes may only be starting, and what they have is the newest. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Host host;
    private final Supplier<CatalogImage> image;
    private final Executor executor;
    private final CopyFile.Listener events;
    private final Outcome outcome;

    private volatile SeedQueue.@Nullable Job seeding;
    private volatile @Nullable CopyCheck check;
    private boolean isUnderWay;

    /** Why none of the other nodes gave its copy; null if one may. */
    private @Nullable String noneOfOthers;

    /** Since when none of them gives anything. */
    private long sinceNanos;

    /** Why no checkpoint was of use; null if one may be. */
    private @Nullable String noneOfCheckpoints;

    /** What is to be done instead, once nothing is under way any more. */
    private @Nullable Runnable instead;

    /** How an attempt has ended. Called by the executor. */
    interface Outcome {
        void opened(CopyFile file);

        /** It is to be tried again. */
        void waits(String why);

        void failed(IOException cause);
    }

    /**
     * @param image as the catalog has it now
     * @param events of the file, once it is open
     */
    CopyOpening(Host host, Supplier<CatalogImage> image, Executor executor, CopyFile.Listener events, Outcome outcome) {
        this.host = host;
        this.image = image;
        this.executor = executor;
        this.events = events;
        this.outcome = outcome;
    }

    /** Whether an attempt is under way. */
    boolean isUnderWay() {
        return isUnderWay;
    }

    /** How far a copy is, for people; empty if none is being made. */
    Optional<String> seeding() {
        SeedQueue.Job being = seeding;
        return being == null ? Optional.empty() : Optional.of(being.state());
    }

    /** How far a file is read that somebody has touched, for people; empty if none is. */
    Optional<String> checking() {
        CopyCheck being = check;
        return being == null ? Optional.empty() : Optional.of(being.state());
    }

    /** Tries, if nothing is under way. */
    void begin() {
        if (isUnderWay) {
            return;
        }
        isUnderWay = true;
        try {
            if (CopyFile.isToBeMade(host, image.get())) {
                CopySeeding.beginning(host, image.get())
                        .whenComplete((how, failure) -> executor.execute(() -> begin(how, failure)));
            } else if (CopyCheck.isDue(host, image.get().id())) {
                check();
            } else {
                open();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void check() {
        CopyCheck started = new CopyCheck(host, image.get().id(), new CopyCheck.Outcome() {
            @Override
            public void read(long badBlocks) {
                executor.execute(() -> checked(badBlocks));
            }

            @Override
            public void failed(IOException cause) {
                executor.execute(() -> {
                    check = null;
                    CopyOpening.this.failed(cause);
                });
            }
        });
        check = started;
        host.seeds().add(started);
    }

    private void checked(long bad) {
        check = null;
        if (isOver()) {
            return;
        }
        try {
            if (bad == 0) {
                open();
            } else {
                LOG.warn(
                        "the file of image {} is another than the one that was left: {} blocks differ; it was set aside as"
                                + " {}, and is made anew",
                        image.get().name(),
                        bad,
                        CopyFile.setAside(host, image.get().id()).orElse("nothing"));
                isUnderWay = false;
                begin();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void begin(@Nullable Beginning how, @Nullable Throwable failure) {
        try {
            if (how == null) {
                failed(failure instanceof IOException known ? known : new IOException(failure));
            } else if (how == Beginning.LOG || (how == Beginning.COPY_OR_LOG && noneOfCheckpoints != null)) {
                open();
            } else if (!isOver()) {
                seed(how);
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void seed(Beginning how) throws IOException {
        boolean isAlone = CopySeeding.others(host, image.get()).isEmpty();
        if (isAlone) {
            noneOfOthers = "it is placed on no other node";
        }
        boolean isForCheckpoints = how == Beginning.COPY_OR_LOG
                || (isAlone && noneOfCheckpoints == null)
                || host.clock().monotonicNanos() - sinceNanos >= PATIENCE.toNanos();
        if (noneOfOthers != null && isForCheckpoints) {
            seeding = CheckpointSeeding.begin(
                    host, image.get(), failure -> ended(how, failure, this::checkpointsHaveNone));
        } else if (isAlone) {
            isUnderWay = false;
            waits();
        } else {
            seeding = CopySeeding.begin(host, image.get(), failure -> ended(how, failure, this::othersHaveNone));
        }
    }

    private void othersHaveNone(String why) {
        if (noneOfOthers == null || (seeding instanceof CopySeeding being && being.hasCopied())) {
            sinceNanos = host.clock().monotonicNanos();
        }
        noneOfOthers = why;
    }

    private void checkpointsHaveNone(String why) {
        sinceNanos = host.clock().monotonicNanos(); // now it is the other nodes' turn again
        noneOfCheckpoints = why;
    }

    /** By any thread. */
    private void ended(Beginning how, Optional<IOException> failure, Consumer<String> hasNone) {
        executor.execute(() -> {
            failure.ifPresent(why -> hasNone.accept(String.valueOf(why.getMessage())));
            seeding = null;
            if (isOver()) {
                return;
            }
            isUnderWay = false;
            if (failure.isEmpty() || how == Beginning.COPY_OR_LOG) {
                begin();
            } else {
                waits();
            }
        });
    }

    private void waits() {
        outcome.waits("waiting for a copy to begin with: "
                + Stream.of(noneOfOthers, noneOfCheckpoints)
                        .filter(Objects::nonNull)
                        .collect(Collectors.joining("; ")));
    }

    private void open() throws IOException {
        if (!isOver()) {
            host.files().removeRestored(image.get().id());
            CopyFile opened = CopyFile.open(host, image, events);
            isUnderWay = false;
            outcome.opened(opened);
        }
    }

    private void failed(Exception cause) {
        if (isOver()) {
            return;
        }
        isUnderWay = false;
        if (cause instanceof LogException.Unavailable
                || cause instanceof LogException.Refused
                || cause instanceof LogException.Missing) {
            outcome.waits("waiting for the log: " + cause.getMessage());
        } else {
            outcome.failed(
                    cause instanceof IOException known
                            ? known
                            : new IOException("the file could not be opened; please report this: " + cause, cause));
        }
    }

    /** Of the next attempt nothing that was found out before counts: the file is another. */
    void forget() {
        noneOfOthers = null;
        noneOfCheckpoints = null;
    }

    /** Gives up what is under way, and does something else once that has ended. */
    void endThen(Runnable then) {
        instead = then;
        SeedQueue.Job being = seeding;
        if (being != null) {
            being.cancel();
        }
        cancelCheck();
    }

    /** By any thread: the image is about to be closed. */
    void cancelCheck() {
        CopyCheck checking = check;
        if (checking != null) {
            checking.cancel();
        }
    }

    private boolean isOver() {
        Runnable then = instead;
        if (then == null) {
            return false;
        }
        instead = null;
        isUnderWay = false;
        then.run();
        return true;
    }
}
