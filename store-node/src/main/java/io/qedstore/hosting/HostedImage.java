package io.qedstore.hosting;

import io.qedstore.content.BadBlockException;
import io.qedstore.device.Completion;
import io.qedstore.event.Backing;
import io.qedstore.event.EventBody;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentDivergedException;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.LogFollower;
import io.qedstore.fold.Ownership;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.LogOwner.Takeover;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's copy of one image. It follows the log from the day it is opened; when it is asked to, it takes the image, and there is
 * a {@link Volume} until somebody else takes it or it is released. The {@link CopyFile} goes through all of that.
 *
 * <pre>
 *   CLOSED -- open --> OPENING --> FOLLOWING -- own --> TAKING --> OWNING
 *                                      ^                  |          |
 *                                      +--- not its own --+----------+        (FAILED, from anywhere)
 * </pre>
 *
 * <p>All that happens to it happens in one thread at a time, in the order in which it came; the methods may be called by any and
 * do not wait.
 */
public final class HostedImage {
    private static final Logger LOG = LoggerFactory.getLogger(HostedImage.class);

    private static final int SYNC_EVERY_TICKS = 5;

    /** What does not help is not done again and again. */
    private static final int ANEW_EVERY_TICKS = 600;

    private final Host host;
    private final Listener listener;
    private final SerialExecutor executor;

    private volatile CatalogImage image;

    // ---- by the executor alone; volatile what others ask for

    private volatile Stage stage = Stage.CLOSED;
    private volatile Optional<String> detail = Optional.empty();

    /** Where the owner was when the log did not answer it; null if it goes on. */
    private volatile @Nullable LogPosition waitsAt;

    private volatile @Nullable CopyFile file;
    private final CopyOpening opening;
    private volatile @Nullable LogFollower follower;
    private volatile @Nullable LogOwner owner;

    /** One that is letting go of the image. */
    private @Nullable LogOwner releasing;

    private volatile @Nullable Volume volume;

    /** The one that ended last: what it had acknowledged still comes into the file, and its memory is free then. */
    private volatile @Nullable Volume leaving;

    private volatile Optional<String> ownerless = Optional.empty();
    private volatile boolean caughtUp;

    /** What this following has read; null if it has not caught up yet. */
    private volatile @Nullable Read read;

    /**
     * Up to where the log was read.
     *
     * @param to behind the last record
     * @param atNanos by the monotonic clock, when it had been
     */
    private record Read(LogPosition to, long atNanos) {}

    /** The owner has the image. Before, the file may have all that was read, and the image be somebody else's. */
    private boolean begun;

    /** When it came from another node that let go of it, by the monotonic clock. */
    private volatile @Nullable Long handedOverNanos;

    /** Why it cannot go on. */
    private @Nullable IOException failure;

    /** When the file was made anew; 0 if it was not. */
    private int madeAnewAtTick;

    private boolean closed;
    private String closedWhy = "";
    private int ticks;
    private final AtomicBoolean ticking = new AtomicBoolean();

    private final Claimants claimants = new Claimants();
    private final List<CompletableFuture<CopyFile>> wantingFile = new ArrayList<>();

    /** Hears of the turns. Called by one thread at a time; must not wait. */
    public interface Listener {
        /**
         * The volume is not to be used any more; clients that use it should find that out.
         *
         * @param cause a release, or another owner: the image is served elsewhere; else it stops
         */
        void volumeEnded(HostedImage of, Volume ended, OwnershipException cause);
    }

    HostedImage(Host host, CatalogImage image, Listener listener) {
        this.host = host;
        this.image = image;
        this.listener = listener;
        this.executor = new SerialExecutor(host.workers());
        this.opening = new CopyOpening(host, this::image, executor, new FileEvents(), new Opened());
    }

    // ---- what can be asked of it

    public ImageId id() {
        return image.id();
    }

    /** As the catalog has it. */
    public CatalogImage image() {
        return image;
    }

    /** The catalog says something else of it. */
    void update(CatalogImage now) {
        image = now;
        executor.execute(() -> {
            LogOwner owning = owner;
            if (owning != null && !isMeantToOwn()) {
                release(owning);
            }
        });
    }

    private boolean isMeantToOwn() {
        CatalogImage now = image;
        return host.ownsImages()
                && now.life() == ImageLife.LIVE
                && now.placement().owner().equals(host.self());
    }

    /** Why nobody can have it, though it is placed here: the node has another role since. */
    private Optional<String> missingRole() {
        return !host.ownsImages() && image.placement().owner().equals(host.self())
                ? Optional.of("it is placed on node " + host.self()
                        + " as its owner, which has no owner among its node.roles any more; promote another node")
                : Optional.empty();
    }

    /** Nobody owns it, as far as this node knows; why, for people. */
    public void setOwnerless(Optional<String> why) {
        ownerless = why;
    }

    /** Looks how far its log goes while it is not read. Waits for the brokers. */
    void lookAhead() throws LogException {
        LogFollower following = follower;
        if (following != null) {
            following.lookAhead();
        }
    }

    /** Whether nothing of it is on this node's disk yet. */
    boolean isNew() {
        try {
            return !host.files().holdsAnything(image.id());
        } catch (IOException e) {
            return false; // opening it will say why
        }
    }

    /** Opens the file and follows the log. */
    public CompletionStage<CopyFile> open() {
        CompletableFuture<CopyFile> opened = new CompletableFuture<>();
        executor.execute(() -> {
            CopyFile there = file;
            if (there != null) {
                opened.complete(there);
            } else {
                wantingFile.add(opened);
                openNow();
            }
        });
        return opened;
    }

    /** As {@link #open}, but completes when it was tried, whatever came of it: it is tried again at each tick. */
    CompletionStage<Void> tryToOpen() {
        CompletableFuture<Void> tried = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                openNow();
            } finally {
                tried.complete(null);
            }
        });
        return tried;
    }

    /**
     * Takes the image, if it is not this node's already, and opens it for writing. Fails if another node has it. While the log does
     * not answer, it goes on trying.
     */
    public CompletionStage<Volume> own() {
        return wanted(owned -> claimants.add(owned, false));
    }

    /**
     * As {@link #own}, also if another node has it; that one's lease is waited for.
     *
     * @param dead a node that somebody has made sure does not run: if that one has it, nothing is waited for
     */
    public CompletionStage<Volume> ownByForce(Optional<NodeId> dead) {
        return wanted(owned -> claimants.addForcing(owned, dead));
    }

    /**
     * As {@link #own}, and while another node has the image it waits until that one lets go of it. It fails at once
     * where this node is not meant to have it. Whoever does not want it any more completes what this returns.
     */
    public CompletableFuture<Volume> ownOnceFree() {
        return wanted(owned -> claimants.add(owned, true));
    }

    private CompletableFuture<Volume> wanted(Consumer<CompletableFuture<Volume>> claim) {
        CompletableFuture<Volume> owned = new CompletableFuture<>();
        executor.execute(() -> {
            Volume there = volume;
            if (there != null) {
                owned.complete(there);
                return;
            }
            claim.accept(owned);
            openNow();
            considerTaking();
            if (closed || stage == Stage.FAILED) {
                claimants.fail(new HostingException(state()));
            }
        });
        return owned;
    }

    /** The file, if it is open now. */
    public Optional<CopyFile> copy() {
        return stage == Stage.FAILED ? Optional.empty() : Optional.ofNullable(file);
    }

    /** What this node does not have of what the image lies over, for people; empty if it has all that it needs. */
    public Optional<String> missingBase() {
        return image.backing().flatMap(host.bases()::missing);
    }

    /** Whether another node has let go of it for this one so short a time ago. */
    public boolean wasHandedOverWithin(Duration time) {
        Long then = handedOverNanos;
        return then != null && host.clock().monotonicNanos() - then < time.toNanos();
    }

    /** The volume, if it is open now. */
    public Optional<Volume> volume() {
        return Optional.ofNullable(volume);
    }

    /**
     * Whether clients are there that may write: the lease is kept for them.
     *
     * @param of what they use; those of a volume that has ended do not count any more
     */
    public void setAttached(Volume of, boolean areThere) {
        executor.execute(() -> {
            if (volume != of) {
                return;
            }
            LogOwner owning = owner;
            if (owning != null) {
                owning.setAttached(areThere);
            }
            if (!areThere) {
                markClean(of);
            }
        });
    }

    private static void markClean(Volume open) {
        try {
            open.markClean();
        } catch (IOException e) {
            LOG.debug("the image cannot be marked clean now", e);
        }
    }

    public CopyStatus status() {
        Optional<String> seeding = opening.seeding();
        return new StatusOfCopy(host.clock(), file, volume)
                .with(
                        seeding.isPresent() ? Stage.SEEDING : stage,
                        seeding.or(opening::checking)
                                .or(() -> detail)
                                .or(this::missingBase)
                                .or(this::missingRole),
                        ownerless,
                        owner,
                        follower);
    }

    /** One second has passed. */
    void tick() {
        if (!ticking.getAndSet(true)) { // one that waits for the brokers keeps no others behind it
            executor.execute(this::tickNow);
        }
    }

    private void tickNow() {
        ticking.set(false);
        LogOwner owning = owner;
        if (owning != null) {
            owning.tick();
            LogPosition waited = waitsAt;
            if (waited != null && !waited.equals(owning.state().position())) {
                waitsAt = null;
                detail = Optional.empty();
            }
        }
        openVolume(); // it may have waited for its base
        LogFollower following = follower;
        if (following != null) {
            following.tick();
            if (mayTakeMore(opened())) {
                following.resume();
            }
        }
        Volume open = volume;
        if (open != null) {
            tick(open);
        }
        CopyFile there = file;
        ticks++;
        if (there != null && ticks % SYNC_EVERY_TICKS == 0) {
            there.syncIfNeeded();
        }
        IOException failed = failure;
        if (stage == Stage.OPENING) {
            openNow();
        } else if (stage == Stage.FAILED && failed != null && isToBeMadeAnew(failed)) {
            abandonAndBeginAnew();
        }
        considerTaking();
    }

    /** As {@link #tick}, of one that is being closed and not among the others any more: its log is asked again. */
    void tickLeaving() {
        executor.execute(() -> {
            LogOwner owning = owner;
            Volume open = volume;
            if (owning != null) {
                owning.tick();
            }
            if (open != null) {
                tick(open);
            }
        });
    }

    private void tick(Volume open) {
        try {
            open.tick();
        } catch (IOException e) {
            LOG.debug("a tick of {} has failed", name(), e);
        }
    }

    /** More often than once a second, where leases are short. */
    void tickOwner() {
        LogOwner owning = owner;
        if (owning != null) {
            owning.tick();
        }
    }

    /**
     * Ends in order: what was acknowledged comes into the file and onto the disk, and the image is released. Clients must be gone.
     *
     * @param why for those who still ask for it
     */
    CompletionStage<Void> close(String why) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        opening.cancelCheck();
        executor.execute(() -> {
            closed = true;
            closedWhy = why;
            claimants.fail(new HostingException(state()));
            LogOwner owning = owner;
            if (opening.isUnderWay()) {
                opening.endThen(() -> closeFile(done));
            } else if (owning == null) {
                closeFile(done);
            } else {
                ended.whenComplete((nothing, never) -> executor.execute(() -> closeFile(done)));
                release(owning);
            }
        });
        return done;
    }

    /** Of an image that is being closed: waits for no log any more. */
    void giveUp() {
        LogOwner owning = owner;
        if (owning != null) {
            owning.giveUp("the node stops, and the log has not answered");
        }
    }

    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private void closeFile(CompletableFuture<Void> done) {
        stopFollowing();
        CopyFile there = file;
        if (there == null) {
            done.complete(null);
            return;
        }
        there.finish().whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    // ---- opening, and following

    private void openNow() {
        if (opening.isUnderWay()) {
            return; // all will hear of its end
        }
        if (closed || file != null || stage == Stage.FAILED) {
            answerOpening();
            return;
        }
        stage = Stage.OPENING;
        opening.begin();
    }

    private final class Opened implements CopyOpening.Outcome {
        @Override
        public void opened(CopyFile opened) {
            file = opened;
            detail = Optional.empty();
            follow(opened.tip());
            answerOpening();
        }

        @Override
        public void waits(String why) {
            detail = Optional.of(why);
        }

        @Override
        public void failed(IOException cause) {
            if (isToBeMadeAnew(cause)) {
                LOG.warn("the copy of image {} cannot go on: {}", name(), cause.getMessage());
                beginAnew();
            } else {
                fail(cause);
            }
        }
    }

    private void answerOpening() {
        CopyFile there = file;
        for (CompletableFuture<CopyFile> each : wantingFile) {
            if (there != null) {
                each.complete(there);
            } else {
                each.completeExceptionally(new HostingException(state()));
            }
        }
        wantingFile.clear();
    }

    private String state() {
        return closed
                ? "image " + name() + " is closed on node " + host.self() + ": " + closedWhy
                : "image " + name() + " cannot be used on node " + host.self() + ": " + detail.orElse("it is " + stage);
    }

    private void follow(FoldTip from) {
        CopyFile into = opened();
        stage = Stage.FOLLOWING;
        caughtUp = false;
        read = null;
        LogFollower[] made = new LogFollower[1];
        LogFollower following = new LogFollower(into.log(), new Fold(from), into.folded(), new LogFollower.Listener() {
            @Override
            public boolean hasRoom() {
                return mayTakeMore(into);
            }

            @Override
            public void caughtUp(FoldState state) {
                noteRead(state.position());
                if (follower != made[0] || !caughtUp || claimants.areThere()) {
                    executor.execute(() -> {
                        if (follower == made[0]) {
                            caughtUp = true;
                            considerTaking();
                        }
                    });
                }
            }

            @Override
            public void failed(IOException cause) {
                executor.execute(() -> {
                    if (follower == made[0]) {
                        fail(cause);
                    }
                });
            }
        });
        made[0] = following;
        follower = following;
        following.resume();
    }

    private void noteRead(LogPosition to) {
        Read last = read;
        if (last == null || !last.to().equals(to)) {
            read = new Read(to, host.clock().monotonicNanos());
        }
    }

    private boolean mayTakeMore(CopyFile into) {
        return into.hasRoom() && !(host.replicasStand().getAsBoolean() && !isMeantToOwn());
    }

    private CopyFile opened() {
        CopyFile there = file;
        if (there == null) {
            throw new IllegalStateException("image " + name() + " is not open");
        }
        return there;
    }

    private void stopFollowing() {
        LogFollower following = follower;
        follower = null;
        if (following != null) {
            following.stop();
        }
    }

    private final class FileEvents implements CopyFile.Listener {
        @Override
        public void applied(Sequence upTo) {
            Volume before = leaving;
            if (before != null) {
                before.applied(upTo);
            }
            Volume open = volume;
            if (open != null) {
                open.applied(upTo);
            } else if (stage == Stage.TAKING) {
                executor.execute(HostedImage.this::openVolume);
            }
        }

        @Override
        public void hasRoomAgain() {
            LogFollower following = follower;
            if (following != null) {
                following.resume();
            }
        }

        /** A replica has the others to begin anew from; an owner goes on with the rest. */
        @Override
        public void damaged(BadBlockException cause) {
            executor.execute(() -> {
                if (volume == null) {
                    fail(cause);
                } else {
                    LOG.error("image {} is damaged: {}", name(), cause.getMessage());
                    detail = Optional.of(String.valueOf(cause.getMessage()));
                }
            });
        }

        @Override
        public void failed(IOException cause) {
            executor.execute(() -> {
                fail(cause);
                CopyFile there = file;
                if (there != null) {
                    there.folded().end().thenRun(() -> executor.execute(HostedImage.this::forgetChanges));
                }
            });
        }
    }

    /** Nothing comes into the file any more. */
    private void forgetChanges() {
        Volume before = leaving;
        leaving = null;
        if (before != null) {
            before.applied(new Sequence(Long.MAX_VALUE));
        }
    }

    // ---- owning

    /** Takes the image if somebody wants it and that can be. */
    private void considerTaking() {
        LogFollower following = follower;
        if (!claimants.areLeft() || stage != Stage.FOLLOWING || following == null || closed) {
            return;
        }
        if (!isMeantToOwn()) {
            claimants.fail(new HostingException(missingRole()
                    .map(why -> "image " + name() + ": " + why)
                    .orElse("image " + name() + " is placed on node "
                            + image.placement().owner() + " as its owner; promote node " + host.self()
                            + " to have it here")));
            return;
        }
        if (!caughtUp) {
            return; // who has it, a fold that is behind does not know
        }
        Ownership last = following.status().state().ownership();
        boolean wasMine = last.status() != EpochStatus.FREE && last.node().equals(Optional.of(host.self()));
        boolean isHandedOver = last.status() == EpochStatus.FREE
                && last.node().filter(node -> !node.equals(host.self())).isPresent();
        handedOverNanos = isHandedOver ? host.clock().monotonicNanos() : null;
        boolean isAnothers = last.status() != EpochStatus.FREE && !wasMine;
        if (isAnothers && claimants.areAllPatient() && !claimants.areForcing()) {
            return; // its release will be seen
        }
        Takeover how = takeover(last, wasMine);
        stopFollowing();
        if (following.tip().state().ownership().equals(last)) {
            take(following.tip(), how, how == Takeover.IF_FREE && isHandedOver);
        } else {
            follow(following.tip()); // somebody has come or gone meanwhile: it is judged anew
        }
    }

    private Takeover takeover(Ownership last, boolean wasMine) {
        if (claimants.areForcing()) {
            boolean isDead = last.node().filter(claimants::areSureOfTheDeathOf).isPresent();
            return isDead ? Takeover.OTHER_IS_DEAD : Takeover.FORCED;
        }
        return wasMine ? Takeover.OTHER_IS_DEAD : Takeover.IF_FREE;
    }

    /** An owner of this node's name in the log is this node before it was started anew: it has the data folder for itself. */
    private void take(FoldTip from, Takeover how, boolean isReleased) {
        CopyFile into = opened();
        begun = false;
        stage = Stage.TAKING;
        OwnerEvents events = new OwnerEvents();
        LogOwner taking = new LogOwner(
                host.owner(), into.log(), from, host.clock(), host.ids().get(), into.folded(), events);
        events.of = taking;
        owner = taking;
        if (isReleased) {
            taking.takeReleased(); // the follower was at the release a moment ago
        } else {
            Read last = read;
            if (last != null && last.to().equals(from.state().position())) {
                taking.takeFollowed(how, last.atNanos());
            } else {
                taking.take(how);
            }
        }
    }

    private final class OwnerEvents implements OwnerListener {
        private volatile @Nullable LogOwner of;

        @Override
        public void owned(FoldState state) {
            executor.execute(HostedImage.this::begin);
        }

        @Override
        public boolean hasRoom() {
            CopyFile into = file;
            return into == null || into.hasRoom();
        }

        @Override
        public void waiting(LogException cause) {
            LogOwner waits = of;
            waitsAt = waits == null ? null : waits.state().position();
            detail = Optional.of("waiting for the log: " + cause.getMessage());
        }

        @Override
        public void ended(OwnershipException cause) {
            Volume open = volume;
            if (open != null) {
                open.ended(cause);
            }
            executor.execute(() -> afterOwning(of, cause));
        }
    }

    /** The image is this node's. The first who owns an image makes it. */
    private void begin() {
        LogOwner owning = owner;
        if (owning == null) {
            return;
        }
        begun = true;
        if (owning.state().sequence().equals(Sequence.NONE)) {
            try {
                create(owning);
            } catch (IOException | RuntimeException e) {
                owning.giveUp("the image cannot be made: " + e.getMessage());
            }
        } else {
            openVolume();
        }
    }

    private void create(LogOwner owning) throws IOException {
        NewImage made = new NewImage(
                image.geometry(),
                image.sizeBytes(),
                image.backing().map(Backing::fileName).orElse(""),
                "");
        EventBody body = EventBody.first(
                image.digestAlgorithm(),
                List.of(new Operation(Operation.Kind.CREATE, 0, image.sizeBytes())),
                made.changes(HeaderLayout.FINAL));
        owning.append(body, new Acknowledgement() {
            @Override
            public void acknowledged(FoldState after) {
                executor.execute(HostedImage.this::openVolume);
            }

            @Override
            public void failed(OwnershipException cause) {}
        });
    }

    /** Opens the volume once the file has all that the log has. */
    private void openVolume() {
        LogOwner owning = owner;
        if (owning == null || owning == releasing || !begun || stage != Stage.TAKING) {
            return;
        }
        FoldState state = owning.state();
        CopyFile of = opened();
        boolean whole = of.folded().applied().sequence().equals(state.sequence());
        if (state.sequence().equals(Sequence.NONE) || !whole) {
            return;
        }
        GuestImage base;
        try {
            base = openBase();
        } catch (IOException e) { // which says nothing of this image's own file
            detail = Optional.of(String.valueOf(e.getMessage()));
            return; // the next tick tries again
        }
        try {
            Volume open = Volume.open(
                    name(),
                    of.served(),
                    of.folded().contentRecord(),
                    base,
                    owning,
                    state,
                    host.pending(),
                    host.volume(image.settings().cache()),
                    host.workers());
            volume = open;
            leaving = null; // the file has all of it
            stage = Stage.OWNING;
            detail = Optional.empty();
            claimants.succeed(open);
        } catch (IOException e) {
            fail(e);
        } catch (RuntimeException e) {
            fail(new IOException("the volume could not be opened; please report this: " + e, e));
        }
    }

    /** What the image lies over, to read; null if it does not. */
    private @Nullable GuestImage openBase() throws IOException {
        Optional<Backing> backing = image.backing();
        return backing.isPresent() ? host.bases().open(backing.get()) : null;
    }

    /** This node's copy, to read, as it is now. */
    public CopyDevice toRead(CopyFile copy) {
        return new CopyDevice(image.name().value(), copy, this::openBase);
    }

    private void release(LogOwner owning) {
        if (releasing == owning) {
            return;
        }
        releasing = owning;
        Volume open = volume;
        if (open == null) {
            releaseLog(owning);
            return;
        }
        markClean(open);
        open.leave(new Completion() {
            @Override
            public void succeeded() {
                executor.execute(() -> releaseLog(owning));
            }

            /** The volume has ended, and its owner with it. */
            @Override
            public void failed(IOException cause) {}
        });
    }

    private static void releaseLog(LogOwner owning) {
        try {
            owning.release(new Acknowledgement() {
                @Override
                public void acknowledged(FoldState after) {}

                @Override
                public void failed(OwnershipException cause) {}
            });
        } catch (OwnershipException e) {
            LOG.debug("nothing to release", e);
        }
    }

    private void afterOwning(@Nullable LogOwner of, OwnershipException cause) {
        if (of == null || owner != of) {
            return;
        }
        owner = null;
        Volume open = volume;
        leaving = open == null ? leaving : open;
        volume = null;
        if (open != null) {
            open.ended(cause); // it may have been opened behind the end
            listener.volumeEnded(this, open, cause);
            closeQuietly(open);
        }
        boolean isToBeForced = claimants.areForcing() && cause instanceof OwnershipException.Taken;
        if (!isToBeForced) { // else who wants it by force came while it was asked for in peace
            HostingException failure = new HostingException(
                    "image " + name() + " is not node " + host.self() + "'s: " + cause.getMessage(), cause);
            if (cause instanceof OwnershipException.Taken) {
                claimants.failImpatient(failure);
            } else {
                claimants.fail(failure);
            }
        }
        if (cause instanceof OwnershipException.LogLost) {
            fail(cause);
        } else if (stage != Stage.FAILED && !closed) {
            detail = Optional.empty();
            if (!(cause instanceof OwnershipException.Released)) {
                LOG.warn("image {} is not owned any more: {}{}", name(), cause.getMessage(), saidOf(open));
            }
            follow(of.tip());
        }
        if (closed) {
            ended.complete(null);
        }
    }

    private static String saidOf(@Nullable Volume ended) {
        return ended == null ? "" : "; acknowledged are events up to " + ended.acknowledged();
    }

    private static void closeQuietly(Volume open) {
        try {
            open.close();
        } catch (IOException e) {
            LOG.warn("a backing file could not be closed", e);
        }
    }

    // ---- the end

    /** It cannot go on. A replica whose log has become another begins anew, and not again soon: the owner's copy is there for people to
     * look at. */
    private void fail(IOException cause) {
        if (stage == Stage.FAILED) {
            return;
        }
        stage = Stage.FAILED;
        failure = cause;
        detail = Optional.of(String.valueOf(cause.getMessage()));
        LOG.error("image {} cannot go on: {}", name(), cause.getMessage());
        stopFollowing();
        LogOwner owning = owner;
        if (owning != null) {
            owning.giveUp("its file cannot be used: " + cause.getMessage());
        }
        claimants.fail(new HostingException(state(), cause));
        answerOpening();
        if (isToBeMadeAnew(cause)) {
            abandonAndBeginAnew();
        }
    }

    private void abandonAndBeginAnew() {
        failure = null; // once
        CopyFile there = file;
        if (there != null) {
            there.abandon().whenComplete((nothing, never) -> executor.execute(this::beginAnew));
        } else {
            beginAnew();
        }
    }

    /** What a new version has written, and a log that is gone, would be the same for another copy. */
    private boolean isToBeMadeAnew(IOException cause) {
        boolean isLate = ticks - madeAnewAtTick < ANEW_EVERY_TICKS && madeAnewAtTick > 0;
        if (cause instanceof BadBlockException) {
            return !isLate; // the log has all that the file had
        }
        boolean helps = cause instanceof ContentDivergedException
                || (cause instanceof LogException
                        && !(cause instanceof LogException.NotUnderstood)
                        && !(cause instanceof LogException.Missing));
        return helps && !isMeantToOwn() && !isLate;
    }

    private void beginAnew() {
        if (closed) {
            return;
        }
        madeAnewAtTick = Math.max(1, ticks);
        opening.forget();
        try {
            Optional<String> aside = CopyFile.setAside(host, image.id());
            file = null;
            stage = Stage.CLOSED;
            LOG.warn("the copy of image {} was set aside as {}, and is made anew", name(), aside.orElse("nothing"));
            openNow();
        } catch (IOException e) {
            detail = Optional.of("the file could not be set aside: " + e.getMessage());
        }
    }

    private String name() {
        return image.name() + " (" + image.id() + ")";
    }

    /** Which node has it, as far as this copy knows. */
    public Optional<NodeId> ownedBy() {
        return status().folded()
                .map(FoldState::ownership)
                .filter(last -> last.status() == EpochStatus.OPEN)
                .flatMap(Ownership::node);
    }
}
