package io.qedstore.points;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.ByteRate;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.LogSource;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import io.qedstore.owner.OwnerClock;
import io.qedstore.rebuild.CheckpointMaker;
import io.qedstore.retention.CheckpointKeeper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes checkpoints of the copies that are here, one at a time, and removes those that nobody needs. Where there is a store of objects,
 * the owner of an image puts its checkpoints there too.
 *
 * <p>{@link #tick} does the work, in one thread at a time; {@link #stop} may be called by any.
 */
public final class Checkpointer {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long RETRY_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long TIDY_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long TIDY_REMOTE_NANOS = Duration.ofHours(1).toNanos();
    private static final int PAGE = 1000;

    private final NodeId self;
    private final CheckpointRule rule;
    private final LocalCheckpoints store;
    private final CheckpointKeeper local;
    private final Optional<CheckpointUploads> uploads;
    private final MetadataIndex index;
    private final HostedImages hosted;
    private final LogSource logs;
    private final OwnerClock clock;
    private final BooleanSupplier hasRoom;
    private final ByteRate rate;

    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean stopping;

    // ---- by the ticking thread alone

    private boolean isTidiedOnce;
    private long tidiedNanos;
    private long tidiedRemoteNanos;
    private final Map<ImageId, Tail> tails = new HashMap<>();
    private final Map<ImageId, Long> retryNanos = new HashMap<>();

    /** A copy, and how much it had applied when its newest checkpoint was made, or when it was first seen. */
    private record Tail(CopyFile file, long appliedBytes) {}

    /**
     * @param rate of what is copied or read
     * @param store where checkpoints are made
     * @param local keeps those
     * @param remote keeps those in a store of objects
     * @param hasRoom whether the disk takes more
     */
    public Checkpointer(
            NodeId self,
            CheckpointRule rule,
            ByteRate rate,
            LocalCheckpoints store,
            CheckpointKeeper local,
            Optional<CheckpointKeeper> remote,
            MetadataIndex index,
            HostedImages hosted,
            LogSource logs,
            OwnerClock clock,
            BooleanSupplier hasRoom) {
        this.self = self;
        this.rule = rule;
        this.store = store;
        this.local = local;
        this.index = index;
        this.hosted = hosted;
        this.logs = logs;
        this.clock = clock;
        this.hasRoom = hasRoom;
        this.rate = rate;
        this.uploads =
                remote.map(objects -> new CheckpointUploads(store, local, objects, (next, bytes) -> copied(bytes)));
    }

    /** Does what is due; waits for the disk, the logs and the catalog. Does nothing while another call does. */
    public void tick() {
        if (stopping || !turn.tryLock()) {
            return;
        }
        try {
            tidyIfDue();
            uploads.ifPresent(to -> to.keepOnly(owned()));
            for (HostedImage image : hosted.all()) {
                if (stopping) {
                    return;
                }
                consider(image);
            }
        } catch (IOException e) {
            if (!stopping) {
                LOG.warn("checkpoints are looked after later: {}", e.getMessage());
            }
        } finally {
            turn.unlock();
        }
    }

    /** What is being made is given up at its next piece. Returns once no tick is under way, or after a while. */
    public void stop() throws InterruptedException {
        stopping = true;
        if (turn.tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            turn.unlock();
        }
    }

    // ---- what is there

    private void tidyIfDue() throws IOException {
        long now = clock.monotonicNanos();
        if (!isTidiedOnce) {
            store.clean();
            reconcileAll();
            forgetRemote(now);
            isTidiedOnce = true;
        } else if (now - tidiedNanos < TIDY_NANOS) {
            return;
        }
        tidiedNanos = now;
        local.forgetPurged();
        for (ImageId id : store.images()) {
            Optional<CatalogImage> image = index.image(id);
            if (image.isPresent()) {
                local.thin(image.get(), isHere(image.get()));
            }
        }
        if (now - tidiedRemoteNanos >= TIDY_REMOTE_NANOS) {
            forgetRemote(now);
        }
    }

    private void forgetRemote(long now) {
        tidiedRemoteNanos = now;
        try {
            if (uploads.isPresent()) {
                uploads.get().forgetPurged();
            }
        } catch (IOException e) {
            LOG.warn("{}", e.getMessage()); // it is away, and that is no reason not to do the rest
        }
    }

    private void reconcileAll() throws IOException {
        Optional<ImageId> after = Optional.empty();
        while (true) {
            List<CatalogImage> page = index.imagesById(after, PAGE);
            for (CatalogImage image : page) {
                if (image.life() != ImageLife.PURGED) {
                    local.reconcile(image.id());
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            after = Optional.of(page.get(page.size() - 1).id());
        }
    }

    private boolean isHere(CatalogImage image) {
        return image.placement().nodes().contains(self);
    }

    // ---- making

    private void consider(HostedImage image) throws IOException {
        Stage stage = image.status().stage();
        boolean isUsable = stage == Stage.FOLLOWING || stage == Stage.OWNING;
        Long retry = retryNanos.get(image.id());
        if (!isUsable || !isHere(image.image()) || (retry != null && clock.monotonicNanos() - retry < 0)) {
            return;
        }
        try {
            CopyFile file = open(image);
            if (isDue(image.image(), file) && hasRoom.getAsBoolean()) {
                make(image, file);
            }
            if (uploads.isPresent() && isOwned(image)) {
                uploads.get().upload(image.image());
            }
            retryNanos.remove(image.id());
        } catch (IOException e) {
            if (stopping) {
                throw e;
            }
            retryNanos.put(image.id(), clock.monotonicNanos() + RETRY_NANOS);
            LOG.warn("there is no new checkpoint of image {}: {}", image.image().name(), e.getMessage());
        }
    }

    private static CopyFile open(HostedImage image) throws IOException {
        CompletableFuture<CopyFile> opened = image.open().toCompletableFuture();
        try {
            return opened.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("its file was not opened within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the node stops", e);
        }
    }

    private boolean isDue(CatalogImage image, CopyFile file) throws IOException {
        List<Checkpoint> known = local.known(image.id());
        Optional<Checkpoint> newest = known.stream().reduce((before, next) -> next);
        Tail tail = tails.get(image.id());
        if (tail == null || tail.file() != file) {
            // what was written before the file was opened is not known in bytes; age sees to it
            tail = new Tail(file, 0);
            tails.put(image.id(), tail);
        }
        return rule.isDue(
                file.folded().applied().sequence().value(),
                newest.map(Checkpoint::sequence).orElse(Sequence.NONE).value(),
                file.folded().appliedBytes() - tail.appliedBytes(),
                clock.wallMicros() - newest.map(Checkpoint::madeMicros).orElse(image.createdMicros()));
    }

    private void make(HostedImage image, CopyFile file) throws IOException {
        long appliedBefore = file.folded().appliedBytes();
        CheckpointDescription made = new CheckpointMaker(store, PATIENCE, this::copied)
                .make(file.folded(), file.source(), logs.open(image.id()), clock.wallMicros());
        tails.put(image.id(), new Tail(file, appliedBefore));
        local.announce(made);
        LOG.info("made {} of image {}, {} bytes", made, image.image().name(), made.storedBytes());
        local.thin(image.image(), isHere(image.image()));
    }

    private void copied(int bytes) throws IOException {
        rate.take(bytes, () -> {
            if (stopping) {
                throw new InterruptedIOException("the node stops");
            }
        });
    }

    private Set<ImageId> owned() {
        return hosted.all().stream()
                .filter(this::isOwned)
                .map(image -> image.image().id())
                .collect(Collectors.toSet());
    }

    private boolean isOwned(HostedImage image) {
        return image.image().placement().owner().equals(self);
    }
}
