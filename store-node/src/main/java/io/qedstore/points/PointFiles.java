package io.qedstore.points;

import io.qedstore.backing.Base;
import io.qedstore.backing.BaseChain;
import io.qedstore.backing.BaseDisk;
import io.qedstore.backing.BaseSteps;
import io.qedstore.backing.StoredBase;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.Room;
import io.qedstore.hosting.RoomWatch;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointResolver;
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
    private final boolean verifies;
    private volatile boolean stopping;

    /** Guarded by itself. */
    private final Map<Key, Kept> kept = new HashMap<>();

    private record Key(ImageId image, Sequence sequence) {}

    private static final class Kept {
        final CompletableFuture<Base> made = new CompletableFuture<>();
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
     * @param verifies whether what is read is compared with what was made
     */
    public PointFiles(
            Path folder, RebuildSources sources, Duration keptFor, LongSupplier nanos, Room room, boolean verifies)
            throws IOException {
        this.folder = folder;
        this.sources = sources;
        this.keptFor = keptFor;
        this.nanos = nanos;
        this.room = room;
        this.verifies = verifies;
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
        boolean opened = false;
        try {
            Base made = found.made.get();
            if (made.isToBeMade()) {
                made.make(); // the disk has lost what nobody else had
            }
            opened = true;
            return new PointFile(image.id(), sequence, made, () -> left(found));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a point of image " + image.name() + " is made");
        } finally {
            if (!opened) {
                left(found);
            }
        }
    }

    private void make(CatalogImage image, Key key, Kept making) {
        Backing of = new Backing(image.id(), image.lineage(), key.sequence());
        BaseDisk disk = new BaseDisk(
                folder, of, (block, wanted) -> sources.of(image).blocks().find(block, wanted), BaseSteps.NONE);
        Base made = new Base(of, disk, new Maker(image, making), verifies);
        try {
            making.base = base(image);
            made.make();
            made.open();
            making.made.complete(made);
        } catch (IOException | RuntimeException e) {
            remove(made, making);
            synchronized (kept) {
                kept.remove(key, making); // whoever asks now begins anew
            }
            making.made.completeExceptionally(e);
        }
    }

    private @Nullable PointFile base(CatalogImage image) throws IOException {
        if (image.backing().isEmpty()) {
            return null;
        }
        Backing backing = image.backing().get();
        return open(BaseChain.base(backing, sources.index()), backing.sequence());
    }

    /** Makes the files of one image. */
    private final class Maker implements Base.Maker {
        private final CatalogImage image;
        private final Kept of;

        Maker(CatalogImage image, Kept of) {
            this.image = image;
            this.of = of;
        }

        @Override
        public StoredBase make(Backing point, BaseDisk disk) throws IOException {
            room.require();
            return disk.make(sources.of(image), point, new RoomWatch(() -> stopping, room));
        }

        @Override
        public @Nullable GuestImage behind(Backing point) throws IOException {
            PointFile base = of.base;
            return base == null ? null : base.open();
        }

        @Override
        public String nameBehind(Backing point) {
            return image.backing().map(Backing::fileName).orElse("");
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
                    remove(each.getValue().made.join(), each.getValue());
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

    private static void remove(Base old, Kept of) {
        try {
            old.remove();
        } catch (IOException e) {
            LOG.warn("the file of a point is left until the node starts anew: {}", e.getMessage());
        }
        PointFile base = of.base;
        if (base != null) {
            base.close();
        }
    }

    /** Whatever is being made is given up. */
    public void stop() {
        stopping = true;
    }
}
