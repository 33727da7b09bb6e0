package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.catalog.Catalog;
import io.qedstore.catalog.CatalogUncertainException;
import io.qedstore.catalog.OlderNodeException;
import io.qedstore.event.CatalogEvent;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogVerdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Writes to the catalog and waits for what it is worth. */
final class CatalogCommands implements NewImages.Catalog {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Catalog catalog;

    CatalogCommands(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public boolean isCurrent() throws IOException {
        return catalog.isCurrent();
    }

    /** @throws ServiceException if it does not count, with the reason, or if that is not known */
    @Override
    public void submit(CatalogEvent event) throws IOException, InterruptedException {
        requireApplied(await(catalog.submit(event), "the catalog", PATIENCE));
    }

    /** @throws ServiceException if it does not count, with the reason */
    static void requireApplied(CatalogDecision decision) throws ServiceException {
        if (decision.verdict().isVoid()) {
            throw new ServiceException(error(decision.verdict()), decision.reason());
        }
    }

    /**
     * Writes to the catalog and tells what it is worth.
     *
     * @throws InterruptedIOException if the thread was interrupted
     */
    CatalogDecision say(CatalogEvent event) throws IOException {
        try {
            return await(catalog.submit(event), "the catalog", PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the catalog");
        }
    }

    /**
     * As {@link #submit}, of something that was made from what the index says.
     *
     * @return false if somebody has changed that meanwhile, so that it has to be made again
     */
    boolean trySubmit(CatalogEvent event) throws IOException, InterruptedException {
        CatalogDecision decision = await(catalog.submit(event), "the catalog", PATIENCE);
        if (decision.verdict() == CatalogVerdict.CHANGED_MEANWHILE) {
            return false;
        }
        if (decision.verdict().isVoid()) {
            throw new ServiceException(error(decision.verdict()), decision.reason());
        }
        return true;
    }

    /** @param what does not answer in the end */
    static <T> T await(CompletionStage<T> answer, String what, Duration patience)
            throws IOException, InterruptedException {
        try {
            return answer.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ServiceException(
                    ServiceError.UNAVAILABLE,
                    what + " has not answered for " + patience.toSeconds()
                            + " s; it may still do what was asked for: look before you ask again",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CatalogUncertainException uncertain) {
                throw new ServiceException(ServiceError.UNAVAILABLE, String.valueOf(uncertain.getMessage()), uncertain);
            }
            if (e.getCause() instanceof OlderNodeException older) {
                throw new ServiceException(ServiceError.CONFLICT, String.valueOf(older.getMessage()), older);
            }
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }

    static ServiceError error(CatalogVerdict verdict) {
        return switch (verdict) {
            case NO_SUCH_IMAGE, NO_SUCH_SNAPSHOT, NO_SUCH_CHECKPOINT, NO_SUCH_NODE -> ServiceError.NOT_FOUND;
            case PURGED -> ServiceError.GONE;
            case NOT_LARGER, SIZE_IMPOSSIBLE, NO_SUCH_ROLE, JUNK -> ServiceError.INVALID;
            case APPLIED,
                    NAME_TAKEN,
                    ID_TAKEN,
                    IN_TRASH,
                    NOT_IN_TRASH,
                    OTHER_LINEAGE,
                    SNAPSHOT_NAME_TAKEN,
                    BELOW_FLOOR,
                    ABOVE_PIN,
                    FLOOR_NOT_RAISED,
                    HAS_CLONES,
                    CHECKPOINT_KNOWN,
                    DRAINING,
                    CHANGED_MEANWHILE,
                    REWINDING,
                    NOT_REWINDING,
                    OLDER_PROGRAM,
                    HAS_IMAGES -> ServiceError.CONFLICT;
        };
    }
}
