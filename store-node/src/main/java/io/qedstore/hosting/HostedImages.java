package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that are placed on this node. They are known at once and opened one after another, those first that somebody asks for.
 * All methods are safe for many threads.
 */
public final class HostedImages {
    private static final Logger LOG = LoggerFactory.getLogger(HostedImages.class);

    private static final int OPENED_AT_ONCE = 4;

    private final Host host;
    private final HostedImage.Listener listener;
    private final Map<ImageId, HostedImage> images = new ConcurrentHashMap<>();

    /** Guarded by itself. */
    private final Queue<HostedImage> toOpen = new ArrayDeque<>();

    private int beingOpened;
    private volatile boolean following;
    private final AtomicBoolean lookingAhead = new AtomicBoolean();

    // ---- guarded by the images

    private boolean closed;

    /** Those that are being closed and removed, and as what they are to come back. */
    private final Map<ImageId, Optional<CatalogImage>> leaving = new HashMap<>();

    // ----

    /** Of {@link #leaving}, those that are being closed: a log that does not answer is asked again. */
    private final Map<HostedImage, CompletableFuture<Void>> closing = new ConcurrentHashMap<>();

    public HostedImages(Host host, HostedImage.Listener listener) {
        this.host = host;
        this.listener = listener;
    }

    /** The catalog says this of an image: it may be new here, not be placed here any more, or gone for ever. */
    public void update(CatalogImage image) {
        boolean isHere =
                image.life() != ImageLife.PURGED && image.placement().nodes().contains(host.self());
        HostedImage known;
        HostedImage added = null;
        synchronized (images) {
            known = images.get(image.id());
            if (known == null && leaving.containsKey(image.id())) {
                leaving.put(image.id(), isHere ? Optional.of(image) : Optional.empty());
            } else if (known == null && isHere && !closed) { // else the next start finds it
                added = new HostedImage(host, image, listener);
                images.put(image.id(), added);
            } else if (known != null && !isHere) {
                images.remove(image.id());
                leaving.put(image.id(), Optional.empty());
            }
        }
        if (added != null && following) {
            openSoon(added);
        }
        if (known != null) {
            known.update(image);
            if (!isHere) {
                leave(known, image);
            }
        }
    }

    /** What was acknowledged is in the log; its file is not needed here. */
    private void leave(HostedImage gone, CatalogImage as) {
        boolean isPurged = as.life() == ImageLife.PURGED;
        CompletableFuture<Void> done = gone.close(isPurged ? "it was purged" : "it is not placed here any more")
                .toCompletableFuture();
        closing.put(gone, done);
        done.whenCompleteAsync(
                (nothing, whatever) -> {
                    closing.remove(gone);
                    left(as, isPurged);
                },
                host.workers());
    }

    private void left(CatalogImage image, boolean isPurged) {
        removeFiles(image.id(), isPurged);
        endRemoval(image.id());
    }

    private void endRemoval(ImageId id) {
        Optional<CatalogImage> again;
        synchronized (images) {
            again = Objects.requireNonNull(leaving.remove(id), "it was about to leave");
        }
        again.ifPresent(this::update);
    }

    /** @param all those that were set aside, too */
    private void removeFiles(ImageId id, boolean all) {
        try {
            host.progress().forget(id);
            host.files().delete(id, all);
        } catch (IOException e) {
            LOG.warn("files of image {} are left for now: {}", id, e.getMessage());
        }
    }

    /**
     * Removes what this node has of images that are not placed here: it may have ended before it could, or have failed. Waits for the
     * disk.
     */
    public void removeOthers(MetadataIndex index) throws IOException {
        for (ImageId id : host.files().images()) {
            if (beginRemoval(id)) {
                try {
                    removeIfElsewhere(id, index);
                } finally {
                    endRemoval(id);
                }
            }
        }
    }

    /** From now on an image that comes back waits; none that is here already is touched. */
    private boolean beginRemoval(ImageId id) {
        synchronized (images) {
            return !images.containsKey(id) && leaving.putIfAbsent(id, Optional.empty()) == null;
        }
    }

    private void removeIfElsewhere(ImageId id, MetadataIndex index) throws IOException {
        Optional<CatalogImage> known = index.image(id);
        if (known.isPresent()) {
            boolean isPurged = known.get().life() == ImageLife.PURGED;
            if (isPurged || !known.get().placement().nodes().contains(host.self())) {
                removeFiles(id, isPurged);
            }
        }
    }

    /** From now on all images follow their logs; before, only those that somebody asks for. */
    public void followAll() {
        following = true;
        images.values().forEach(this::openSoon);
    }

    private void openSoon(HostedImage image) {
        synchronized (toOpen) {
            toOpen.add(image);
        }
        openNext();
    }

    private void openNext() {
        HostedImage next;
        synchronized (toOpen) {
            if (beingOpened >= OPENED_AT_ONCE || toOpen.isEmpty()) {
                return;
            }
            next = toOpen.remove();
            beingOpened++;
        }
        boolean isToBeMade =
                host.ownsImages() && next.image().placement().owner().equals(host.self()) && next.isNew();
        if (isToBeMade) {
            next.own().whenComplete((volume, failure) -> {});
        }
        next.tryToOpen().whenComplete((nothing, never) -> {
            synchronized (toOpen) {
                beingOpened--;
            }
            openNext();
        });
    }

    public Optional<HostedImage> get(ImageId id) {
        return Optional.ofNullable(images.get(id));
    }

    public Collection<HostedImage> all() {
        return List.copyOf(images.values());
    }

    /** As the catalog has them, those that are about to leave not among them. */
    public List<CatalogImage> placed() {
        return images.values().stream().map(HostedImage::image).toList();
    }

    /** How often {@link #tickOwners} wants to be called. */
    public Duration ownerTick() {
        Duration third = host.owner().lease().dividedBy(6);
        return third.compareTo(Duration.ofSeconds(1)) < 0 ? third : Duration.ofSeconds(1);
    }

    public void tickOwners() {
        images.values().forEach(HostedImage::tickOwner);
        closing.keySet().forEach(HostedImage::tickOwner);
    }

    /** One second has passed. */
    public void tick() {
        images.values().forEach(HostedImage::tick);
        closing.keySet().forEach(HostedImage::tickLeaving);
    }

    /** Looks how far the logs go of images that stand still. Waits for the brokers; one at a time does. */
    public void lookAhead() {
        if (lookingAhead.getAndSet(true)) {
            return;
        }
        try {
            for (HostedImage image : images.values()) {
                lookAhead(image);
            }
        } catch (LogException.Unavailable e) {
            LOG.debug("how far logs go cannot be seen now", e); // the next are on the same brokers
        } finally {
            lookingAhead.set(false);
        }
    }

    private static void lookAhead(HostedImage image) throws LogException.Unavailable {
        try {
            image.lookAhead();
        } catch (LogException.Unavailable e) {
            throw e;
        } catch (LogException e) {
            LOG.debug(
                    "how far the log of image {} goes cannot be seen",
                    image.image().name(),
                    e); // its reader says why
        }
    }

    /** Ends all in order; completes when all files are closed, exceptionally if one could not be closed in order. */
    public CompletionStage<Void> close() {
        synchronized (images) {
            closed = true;
        }
        List<CompletableFuture<Void>> all = new ArrayList<>(closing.values());
        images.values().forEach(image -> all.add(image.close("the node stops").toCompletableFuture()));
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    }

    /** After {@link #close}: images whose log does not answer are closed without a release. */
    public void giveUp() {
        images.values().forEach(HostedImage::giveUp);
        closing.keySet().forEach(HostedImage::giveUp);
    }
}
