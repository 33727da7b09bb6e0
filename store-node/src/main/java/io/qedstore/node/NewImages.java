package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.ImageId;
import io.qedstore.index.MetadataIndex;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings images into being: first the log, which nobody knows yet, then the record of the catalog that makes it an image's. Before both
 * the image's id is noted on the disk, as an empty file of that name. So the log of an image that did not come to be is found and
 * removed, also by the next process. All methods are safe for many threads.
 */
final class NewImages {
    private static final Logger LOG = LoggerFactory.getLogger(NewImages.class);

    /** A record that the log has not answered for is not written any more after that. */
    static final Duration UNCERTAIN = Duration.ofMinutes(3);

    private final Path folder;
    private final MetadataIndex index;
    private final LogMaker maker;
    private final RemovableLogs logs;
    private final Catalog catalog;
    private final LongSupplier nanos;

    // ---- guarded by this

    private final Set<ImageId> underWay = new HashSet<>();

    /** Since when it is known that nobody goes on with them. */
    private final Map<ImageId, Long> left = new HashMap<>();

    /** Makes the log of an image. */
    @FunctionalInterface
    interface LogMaker {
        void make(ImageId image) throws IOException;
    }

    /** Says something in the catalog, as {@link CatalogCommands#submit}. */
    interface Catalog {
        void submit(CatalogEvent event) throws IOException, InterruptedException;

        /** Whether the index holds all that the catalog has now. Waits for the brokers. */
        boolean isCurrent() throws IOException;
    }

    /** @param nanos a clock that never goes back */
    NewImages(Path folder, MetadataIndex index, LogMaker maker, RemovableLogs logs, Catalog catalog, LongSupplier nanos)
            throws IOException {
        this.folder = Files.createDirectories(folder);
        this.index = index;
        this.maker = maker;
        this.logs = logs;
        this.catalog = catalog;
        this.nanos = nanos;
    }

    /**
     * Makes the log, and tells the catalog. Waits for both.
     *
     * @throws ServiceException if the catalog does not take it, or if that is not known
     */
    void create(ImageCreated created) throws IOException, InterruptedException {
        ImageId id = created.image();
        begin(id);
        try {
            maker.make(id);
            catalog.submit(created);
            removeNoteSoon(id);
        } catch (ServiceException e) {
            if (e.error() != ServiceError.UNAVAILABLE) {
                removeNow(id); // no image will ever have it
            }
            throw e;
        } finally {
            end(id);
        }
    }

    private void begin(ImageId id) throws IOException {
        synchronized (this) {
            underWay.add(id);
        }
        boolean noted = false;
        try {
            Files.createFile(note(id));
            DurableFile.force(folder);
            noted = true;
        } finally {
            if (!noted) {
                end(id);
            }
        }
    }

    private synchronized void end(ImageId id) {
        underWay.remove(id);
        left.put(id, nanos.getAsLong());
    }

    private Path note(ImageId id) {
        return folder.resolve(id.toString());
    }

    private void removeNote(ImageId id) throws IOException {
        Files.deleteIfExists(note(id));
    }

    private void removeNoteSoon(ImageId id) {
        try {
            removeNote(id);
        } catch (IOException e) {
            LOG.warn("the note that image {} is being created stays for now: {}", id, e.getMessage());
        }
    }

    private void removeNow(ImageId id) {
        try {
            logs.remove(id);
            removeNote(id);
        } catch (IOException e) {
            LOG.warn("the log of image {}, which did not come to be, is left for now: {}", id, e.getMessage());
        }
    }

    /** Removes the logs of images that did not come to be, once it is certain that they will not. Waits for the brokers if there are any. */
    void clear() {
        try {
            for (ImageId id : noted()) {
                boolean wasTaken = index.image(id).isPresent();
                boolean isOver = !wasTaken && isCertain(id) && catalog.isCurrent();
                if (wasTaken || (isOver && index.image(id).isPresent())) {
                    removeNote(id);
                } else if (isOver) {
                    logs.remove(id);
                    removeNote(id);
                    LOG.info("the log of image {}, which did not come to be, is removed", id);
                }
            }
        } catch (IOException e) {
            LOG.warn("logs of images that did not come to be are left for now: {}", e.getMessage());
        }
    }

    private List<ImageId> noted() throws IOException {
        List<ImageId> found;
        try (Stream<Path> notes = Files.list(folder)) {
            found = notes.flatMap(note -> imageOf(note).stream()).toList();
        }
        synchronized (this) {
            left.keySet().retainAll(found);
            return found.stream().filter(id -> !underWay.contains(id)).toList();
        }
    }

    private static Optional<ImageId> imageOf(Path note) {
        try {
            return Optional.of(new ImageId(UUID.fromString(String.valueOf(note.getFileName()))));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // none of ours
        }
    }

    private synchronized boolean isCertain(ImageId id) {
        long now = nanos.getAsLong();
        long since = Objects.requireNonNull(left.computeIfAbsent(id, any -> now));
        return now - since >= UNCERTAIN.toNanos();
    }
}
