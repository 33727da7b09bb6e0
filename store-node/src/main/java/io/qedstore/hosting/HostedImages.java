package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
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

    /** Guarded by the images. */
    private boolean closed;

    public HostedImages(Host host, HostedImage.Listener listener) {
        this.host = host;
        this.listener = listener;
    }

    /** The catalog says this of an image: it may be new here, not be placed here any more, or gone for ever. */
    public void update(CatalogImage image) {
        if (image.life() == ImageLife.PURGED) {
            remove(image.id());
            return;
        }
        boolean isHere = image.placement().nodes().contains(host.self());
        HostedImage known = images.get(image.id());
        if (known != null) {
            known.update(image);
        } else if (isHere) {
            add(image);
        }
    }

    private void add(CatalogImage image) {
        HostedImage made = new HostedImage(host, image, listener);
        synchronized (images) {
            if (closed) {
                return; // the next start finds it
            }
            images.put(image.id(), made);
        }
        if (following) {
            openSoon(made);
        }
    }

    private void remove(ImageId id) {
        HostedImage gone = images.remove(id);
        if (gone != null) {
            gone.close("it was purged").whenCompleteAsync((nothing, whatever) -> removeFiles(id), host.workers());
        }
    }

    private void removeFiles(ImageId id) {
        try {
            host.progress().forget(id);
            host.files().delete(id);
        } catch (IOException e) {
            LOG.warn("files of the purged image {} are left until the node starts anew: {}", id, e.getMessage());
        }
    }

    /** Removes what this node has of images that are gone for ever: it may have ended before it could. Waits for the disk. */
    public void removePurged(MetadataIndex index) throws IOException {
        for (ImageId id : host.files().images()) {
            Optional<CatalogImage> known = index.image(id);
            if (known.isPresent() && known.get().life() == ImageLife.PURGED) {
                removeFiles(id);
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
        boolean isToBeMade = next.image().placement().owner().equals(host.self()) && next.isNew();
        if (isToBeMade) {
            next.own(false).whenComplete((volume, failure) -> {});
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

    /** How often {@link #tickOwners} wants to be called. */
    public Duration ownerTick() {
        Duration third = host.owner().lease().dividedBy(6);
        return third.compareTo(Duration.ofSeconds(1)) < 0 ? third : Duration.ofSeconds(1);
    }

    public void tickOwners() {
        images.values().forEach(HostedImage::tickOwner);
    }

    /** One second has passed. */
    public void tick() {
        images.values().forEach(HostedImage::tick);
    }

    /** Ends all in order; completes when all files are closed, exceptionally if one could not be closed in order. */
    public CompletionStage<Void> close() {
        synchronized (images) {
            closed = true;
        }
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        images.values()
                .forEach(image -> closing.add(image.close("the node stops").toCompletableFuture()));
        return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
    }

    /** After {@link #close}: images whose log does not answer are closed without a release. */
    public void giveUp() {
        images.values().forEach(HostedImage::giveUp);
    }
}
