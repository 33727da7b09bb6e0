package io.qedstore.points;

import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.Room;
import io.qedstore.hosting.RoomWatch;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointResolver;
import io.qedstore.rebuild.Rebuild;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of points, in a folder that is cleared at each start. Each is made from the newest checkpoint at or before its event and the
 * log, whichever node owns the image, and shared by all who ask for the same event. A clone's has what it lies over beside it, under
 * the name that its header says. All methods are safe for many threads.
 */
public final class PointFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PointFiles.class);

    private final Path folder;
    private final RebuildSources sources;
    private final Duration keptFor;
    private final LongSupplier nanos;
    private final Room room;
    private volatile boolean stopping;

    /** Guarded by itself. */
    private final Map<Key, Kept> kept = new HashMap<>();

    private record Key(ImageId image, Sequence sequence) {}

    private static final class Kept {
        final CompletableFuture<Path> made = new CompletableFuture<>();
        int users;
        long lastUsedNanos;

        /** What it lies over, as long as it is there. */
        @Nullable
        PointFile base;
    }

    /**
     * @param keptFor how long a file stays behind its last user
     * @param nanos a clock that never goes back
     * @param room asked before a file is begun, and while it grows
     */
    public PointFiles(Path folder, RebuildSources sources, Duration keptFor, LongSupplier nanos, Room room)
            throws IOException {
        this.folder = folder;
        this.sources = sources;
        this.keptFor = keptFor;
        this.nanos = nanos;
        this.room = room;
        DurableFile.removeAll(folder);
        Files.createDirectories(folder);
    }

    /**
     * The file of a point. Waits until it is made.
     *
     * @param now by this node's clock
     * @throws io.qedstore.rebuild.PointException if the image has no such point
     * @throws io.qedstore.rebuild.NotCoveredException if nothing is left from which it could be made
     */
    public PointFile open(CatalogImage image, Point point, Instant now) throws IOException {
        return open(image, resolve(image, point, now));
    }

    /**
     * The event that a point is behind. Waits for the log where it has to be asked.
     *
     * @throws io.qedstore.rebuild.PointException if the image has no such point
     * @throws io.qedstore.rebuild.NotCoveredException if nothing is left that would say so
     */
    public Sequence resolve(CatalogImage image, Point point, Instant now) throws IOException {
        return new PointResolver(sources.of(image)).resolve(point, now);
    }

    private PointFile open(CatalogImage image, Sequence sequence) throws IOException {
        Key key = new Key(image.id(), sequence);
        Kept found;
        boolean isNew;
        synchronized (kept) {
            isNew = !kept.containsKey(key);
            found = kept.computeIfAbsent(key, any -> new Kept());
            found.users++;
        }
        if (isNew) {
            make(image, key, found);
        }
        try {
            Path path = found.made.get();
            return new PointFile(image.id(), sequence, path, () -> left(found));
        } catch (ExecutionException e) {
            left(found);
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (InterruptedException e) {
            left(found);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a point of image " + image.name() + " is made");
        }
    }

    private void make(CatalogImage image, Key key, Kept made) {
        Path target = folder.resolve(key.image() + "-" + key.sequence() + ".qed"); // as a clone of it says
        PointFile base = null;
        try {
            base = base(image);
            made.base = base;
            room.require();
            new Rebuild(sources.of(image), target, new RoomWatch(() -> stopping, room)).upTo(key.sequence());
            requireBase(image, target);
            made.made.complete(target);
        } catch (IOException | RuntimeException e) {
            removeParts(target);
            remove(target);
            if (base != null) {
                base.close();
            }
            synchronized (kept) {
                kept.remove(key, made); // whoever asks now begins anew
            }
            made.made.completeExceptionally(e);
        }
    }

    private @Nullable PointFile base(CatalogImage image) throws IOException {
        if (image.backing().isEmpty()) {
            return null;
        }
        Backing backing = image.backing().get();
        CatalogImage base = sources.index()
                .image(backing.image())
                .orElseThrow(
                        () -> new IOException("the catalog does not have what image " + image.name() + " lies over"));
        return open(base, backing.sequence());
    }

    /** A name that the catalog does not know leads to some other file. */
    private static void requireBase(CatalogImage image, Path file) throws IOException {
        String expected = image.backing().map(Backing::fileName).orElse("");
        try (ChannelImageFile made = ChannelImageFile.open(file, FileAccess.READ)) {
            String found = HeaderReader.read(made, HeaderLayout.FINAL).backing().name();
            if (!found.equals(expected)) {
                throw new IOException("the file of image " + image.name() + " names '" + found
                        + "' as its backing file, and the catalog '" + expected + "'");
            }
        }
    }

    private static void removeParts(Path target) {
        try {
            Rebuild.removeParts(target);
        } catch (IOException e) {
            LOG.warn("what was made of {} is left until the node starts anew: {}", target, e.getMessage());
        }
    }

    private void left(Kept of) {
        synchronized (kept) {
            of.users--;
            of.lastUsedNanos = nanos.getAsLong();
        }
    }

    /** Removes what nobody has used for a while. Called every now and then. */
    public void tick() {
        synchronized (kept) {
            Iterator<Map.Entry<Key, Kept>> all = kept.entrySet().iterator();
            while (all.hasNext()) {
                Map.Entry<Key, Kept> each = all.next();
                if (isOld(each.getValue())) {
                    all.remove();
                    remove(each.getValue().made.join());
                    PointFile base = each.getValue().base;
                    if (base != null) {
                        base.close();
                    }
                }
            }
        }
    }

    private boolean isOld(Kept of) {
        return of.users == 0
                && of.made.isDone()
                && !of.made.isCompletedExceptionally()
                && nanos.getAsLong() - of.lastUsedNanos >= keptFor.toNanos();
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("the file {} of a point is left until the node starts anew: {}", file, e.getMessage());
        }
    }

    /** Whatever is being made is given up. */
    public void stop() {
        stopping = true;
    }
}
