package io.qedstore.node;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogEvent.ImagePurged;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Purges what was in the trash for long enough. An image's owner does that: it says so in the catalog, upon which each node removes
 * its copy, and deletes the log a while later, when nobody follows it any more.
 *
 * <p>What a node has left that was killed in between, or that could not remove something, is found at its next start, and by each node
 * every hour: the logs whose owner is no node of the cluster any more, too.
 */
final class Trash {
    private static final Logger LOG = LoggerFactory.getLogger(Trash.class);

    private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);
    private static final Duration LONGEST_STEP = Duration.ofMinutes(1);

    /** How often it is looked whether something was left. */
    static final Duration LOOK_EVERY = Duration.ofHours(1);

    private final NodeId self;
    private final Duration keep;
    private final TrashAges ages;
    private final MetadataIndex index;
    private final Function<CatalogEvent, CompletableFuture<CatalogDecision>> catalog;
    private final HostedImages hosted;
    private final RemovableLogs logs;

    private final AtomicBoolean ticking = new AtomicBoolean();

    // ---- used by the tick alone

    /** Some may have been left behind when the node ended. */
    private boolean isToLook = true;

    private Duration sinceLook = Duration.ZERO;

    // ---- of any thread

    /** Something was purged since the last tick; its log stays for one more, until nobody follows it. */
    private final AtomicBoolean purged = new AtomicBoolean();

    /** Those whose purge the catalog has not answered. */
    private final Set<ImageId> asked = ConcurrentHashMap.newKeySet();

    /**
     * @param keep for how long images stay in the trash at least
     * @param catalog writes a record, and tells what it is worth
     */
    Trash(
            NodeId self,
            Duration keep,
            TrashAges ages,
            MetadataIndex index,
            Function<CatalogEvent, CompletableFuture<CatalogDecision>> catalog,
            HostedImages hosted,
            RemovableLogs logs) {
        this.self = self;
        this.keep = keep;
        this.ages = ages;
        this.index = index;
        this.catalog = catalog;
        this.hosted = hosted;
        this.logs = logs;
    }

    /** How often {@link #tick} wants to be called. */
    static Duration step(Duration keep) {
        Duration part = keep.dividedBy(60);
        if (part.compareTo(SHORTEST_STEP) < 0) {
            return SHORTEST_STEP;
        }
        return part.compareTo(LONGEST_STEP) > 0 ? LONGEST_STEP : Duration.ofSeconds(part.toSeconds());
    }

    /** One step has passed. Waits for the brokers where logs are to be deleted, and does nothing while another call does. */
    void tick() {
        if (ticking.compareAndSet(false, true)) {
            try {
                purgeOld();
                sinceLook = sinceLook.plus(step(keep));
                if (isToLook || sinceLook.compareTo(LOOK_EVERY) >= 0) {
                    sinceLook = Duration.ZERO;
                    isToLook = !removeLeft();
                }
                isToLook |= purged.getAndSet(false);
            } finally {
                ticking.set(false);
            }
        }
    }

    private void purgeOld() {
        List<CatalogImage> trash = hosted.all().stream()
                .map(HostedImage::image)
                .filter(image -> image.life() == ImageLife.TRASHED
                        && image.placement().owner().equals(self))
                .toList();
        try {
            ages.pass(step(keep), trash);
            for (CatalogImage image : trash) {
                if (ages.of(image).compareTo(keep) >= 0
                        && index.clones(image.id()).isEmpty()) {
                    purge(image);
                }
            }
        } catch (IOException e) {
            LOG.warn("what is in the trash cannot be looked up now: {}", e.getMessage());
        }
    }

    private void purge(CatalogImage image) {
        if (!asked.add(image.id())) {
            return;
        }
        LOG.info(
                "image {} ({}) was in the trash for {} s, and is being purged",
                image.name(),
                image.id(),
                ages.of(image).toSeconds());
        catalog.apply(new ImagePurged(image.id(), image.lifeMicros())).whenComplete((decision, failure) -> {
            if (failure != null) {
                LOG.warn("image {} ({}) is tried again: {}", image.name(), image.id(), failure.getMessage());
            }
            asked.remove(image.id());
            purged.set(true); // or may be
        });
    }

    /** @return false if it has to be tried again soon */
    private boolean removeLeft() {
        boolean isDone = true;
        try {
            hosted.removeOthers(index);
            for (ImageId image : logs.images()) {
                isDone &= !isToBeRemovedHere(image) || removeLog(image);
            }
        } catch (IOException e) {
            LOG.warn("what purged images have left cannot be looked up now: {}", e.getMessage());
            isDone = false;
        }
        return isDone;
    }

    private boolean removeLog(ImageId image) {
        try {
            logs.remove(image);
            return true;
        } catch (IOException e) {
            LOG.warn("the log of the purged image {} is left for now: {}", image, e.getMessage());
            return false;
        }
    }

    private boolean isToBeRemovedHere(ImageId image) throws IOException {
        Optional<CatalogImage> known = index.image(image);
        if (known.isEmpty() || known.get().life() != ImageLife.PURGED) {
            return false;
        }
        NodeId owner = known.get().placement().owner();
        return owner.equals(self) || index.node(owner).isEmpty();
    }
}
