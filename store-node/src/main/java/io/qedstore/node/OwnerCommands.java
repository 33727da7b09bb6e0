package io.qedstore.node;

import io.qedstore.api.NotHereException;
import io.qedstore.api.PromoteRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.device.Completion;
import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.CatalogEvent.ImagePoint;
import io.qedstore.event.CatalogEvent.ImageResized;
import io.qedstore.event.CatalogEvent.SnapshotCreated;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostingException;
import io.qedstore.index.CatalogImage;
import io.qedstore.rebuild.NotCoveredException;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What only the owner of an image can do, or whoever becomes it. */
final class OwnerCommands {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerCommands.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HANDOFF_PATIENCE = Duration.ofSeconds(60);

    private final NodeParts parts;
    private final ImageLookup lookup;

    OwnerCommands(NodeParts parts, ImageLookup lookup) {
        this.parts = parts;
        this.lookup = lookup;
    }

    void resize(CatalogImage image, long sizeBytes) throws IOException, InterruptedException {
        Volume volume = volume(lookup.owned(image));
        ImageCreation.requireSize(parts.config(), sizeBytes, image.geometry());
        requireNotLess(sizeBytes, volume, image);
        if (sizeBytes > volume.sizeBytes()) {
            try {
                await(completion -> volume.resize(sizeBytes, completion), image);
            } catch (IOException e) {
                requireNotLess(sizeBytes, volume, image); // another may have come before it
                throw e;
            }
        }
        if (sizeBytes > image.sizeBytes()) {
            parts.commands().submit(new ImageResized(image.id(), sizeBytes));
        }
    }

    private static void requireNotLess(long sizeBytes, Volume volume, CatalogImage image) throws ServiceException {
        if (sizeBytes < volume.sizeBytes()) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "image " + image.name() + " has " + volume.sizeBytes() + " bytes, and " + sizeBytes
                            + " are asked for; images do not shrink");
        }
    }

    /** Gives a name to what every client has been told is durable, and to what the image's clients have written until now. */
    SnapshotName snapshot(CatalogImage image, Optional<String> asked) throws IOException, InterruptedException {
        SnapshotName name = new SnapshotName(asked.orElseGet(this::nameOfNow));
        FoldState state = latest(image);
        parts.commands().submit(new SnapshotCreated(image.id(), name, state.sequence(), state.timeMicros()));
        return name;
    }

    /** Where the image is, with all that its clients have written until now. */
    FoldState latest(CatalogImage image) throws IOException, InterruptedException {
        HostedImage hosted = lookup.owned(image);
        return sync(image, hosted, volume(hosted));
    }

    /** Gives points of several images one name. */
    SnapshotName snapshots(Optional<String> asked, List<ImagePoint> points) throws IOException, InterruptedException {
        SnapshotName name = new SnapshotName(asked.orElseGet(this::nameOfNow));
        parts.commands().submit(new SnapshotsCreated(name, points));
        return name;
    }

    /** Waits until the log has all that the image's clients have written until now, and tells where it is then. */
    FoldState sync(CatalogImage image, HostedImage hosted, Volume volume) throws IOException, InterruptedException {
        requireSettled(image);
        await(volume::sync, image);
        FoldState state = hosted.status()
                .folded()
                .orElseThrow(() -> new HostingGone("image " + image.name() + " is being closed"));
        requireSettled(image);
        return state;
    }

    /** Nothing names what a rewind has half done. */
    private void requireSettled(CatalogImage image) throws IOException {
        Optional<String> refusal = parts.index().image(image.id()).flatMap(Rewinder::refusal);
        if (refusal.isPresent()) {
            throw new ServiceException(ServiceError.CONFLICT, refusal.get() + "; try again when that is done");
        }
    }

    private static final class HostingGone extends ServiceException {
        private static final long serialVersionUID = 1;

        HostingGone(String message) {
            super(ServiceError.UNAVAILABLE, message);
        }
    }

    private String nameOfNow() {
        return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'")
                .withZone(ZoneOffset.UTC)
                .format(Instant.ofEpochMilli(parts.clock().wallMicros() / 1000));
    }

    /** Makes this node the owner of an image that it has a copy of. */
    void promote(CatalogImage image, PromoteRequest request) throws IOException, InterruptedException {
        NodeId target = new NodeId(request.node());
        NodeRoles roles = new NodeRoles(parts.index());
        if (!target.equals(parts.self())) {
            if (parts.index().node(target).isEmpty()) {
                throw new ServiceException(ServiceError.NOT_FOUND, "there is no node " + target);
            }
            roles.requireOwner(target);
            throw new NotHereException(
                    request.node(), "node " + target + " has to take image " + image.name() + " itself");
        }
        roles.requireOwner(target);
        Placement now = image.placement();
        if (!now.nodes().contains(target)) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "node " + target + " has no copy of image " + image.name() + ", which is on " + now.nodes()
                            + "; place a replica there first");
        }
        HostedImage hosted = lookup.copy(image);
        Optional<NodeId> dead = request.dead().map(NodeId::new);
        boolean force = dead.isPresent() || request.force().orElse(false);
        if (dead.isPresent()) {
            requireDead(dead.get());
        }
        if (!force) {
            awaitBase(image);
        }
        if (!now.owner().equals(target)) {
            Placement then = roles.withOwner(target, now);
            if (!then.nodes().contains(now.owner())) {
                requireFollowing(image, hosted);
            }
            ImagePlaced placed = new ImagePlaced(image.id(), then, Optional.of(now));
            if (!parts.commands().trySubmit(placed)) {
                requireSameOwner(image, force);
                promote(parts.index().image(image.id()).orElse(image), request); // somebody else has placed it
                return;
            }
        }
        try {
            take(hosted, force, dead);
        } catch (ServiceException e) {
            boolean isRefused = !force && e.error() == ServiceError.CONFLICT; // else it may still succeed
            if (isRefused && !now.owner().equals(target)) {
                leaveWhereItWas(image);
            }
            throw e;
        }
    }

    /** Force was meant for the owner that somebody saw, not for one that has taken the image since. */
    private void requireSameOwner(CatalogImage before, boolean force) throws IOException {
        NodeId owner =
                parts.index().image(before.id()).orElse(before).placement().owner();
        if (force && !owner.equals(before.placement().owner())) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "node " + owner + " has just taken image " + before.name() + " from node "
                            + before.placement().owner() + "; look whether it is still to be promoted by force");
        }
    }

    /** The owner before keeps no copies of other nodes' images: what it has goes, so there has to be another that can go on. */
    private void requireFollowing(CatalogImage image, HostedImage hosted) throws ServiceException {
        if (hosted.status().stage() != Stage.FOLLOWING) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "the copy of image " + image.name() + " on node " + parts.self() + " does not follow yet, and node "
                            + image.placement().owner() + ", which keeps no copies of other nodes' images, would remove"
                            + " its own; wait until `image show` says that it follows");
        }
    }

    /** Nobody waits for its lease: if it runs, its clients could read what is not so any more. */
    private void requireDead(NodeId node) throws IOException {
        if (parts.index().node(node).isEmpty()) {
            throw new ServiceException(
                    ServiceError.NOT_FOUND, "there is no node " + node + ", which is said to be dead");
        }
        if (parts.there().get().orElse(Set.of()).contains(node)) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "node " + node
                            + " is not dead: Kafka heard of it in the last seconds; say --force instead of --dead, then its"
                            + " lease is waited for");
        }
    }

    /** Without what it lies over this node could not serve it, and the owner before would have let go of it for nothing. */
    private void awaitBase(CatalogImage image) throws IOException {
        if (image.backing().isEmpty()) {
            return;
        }
        try {
            parts.bases().make(image.backing().get()).close();
        } catch (NotCoveredException e) {
            throw new ServiceException(
                    ServiceError.CONFLICT,
                    "node " + parts.self() + " cannot have what image " + image.name() + " lies over: "
                            + e.getMessage(),
                    e);
        }
    }

    /** The node that has the image would not take it again if it were placed elsewhere. */
    private void leaveWhereItWas(CatalogImage image) throws InterruptedException {
        try {
            Placement mine = new NodeRoles(parts.index()).withOwner(parts.self(), image.placement());
            parts.commands().trySubmit(new ImagePlaced(image.id(), image.placement(), Optional.of(mine)));
        } catch (IOException e) {
            LOG.warn("image {} is placed on node {}, which could not take it", image.name(), parts.self(), e);
        }
    }

    /** Unless it is to be taken by force, the owner before is given the time to let go. */
    private static void take(HostedImage hosted, boolean force, Optional<NodeId> dead)
            throws IOException, InterruptedException {
        String what = "image " + hosted.image().name();
        try {
            if (!force && awaitRelease(hosted)) {
                return;
            }
            CatalogCommands.await(force ? hosted.ownByForce(dead) : hosted.own(), what, HANDOFF_PATIENCE);
        } catch (HostingException e) {
            String otherwise = force ? "" : "; if that node is lost, say --force";
            throw new ServiceException(ServiceError.CONFLICT, e.getMessage() + otherwise, e);
        }
    }

    /** @return whether the image is this node's; if not, asking for it says why */
    private static boolean awaitRelease(HostedImage hosted) throws IOException, InterruptedException {
        CompletableFuture<Volume> owned = hosted.ownOnceFree();
        try {
            owned.get(HANDOFF_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("image {} was not let go of", hosted.image().name(), e);
            return false;
        } finally {
            owned.cancel(false);
        }
    }

    /** The image, to be written; this node takes it if it is to. */
    Volume volume(HostedImage hosted) throws IOException, InterruptedException {
        try {
            return CatalogCommands.await(hosted.own(), "image " + hosted.image().name(), PATIENCE);
        } catch (HostingException e) {
            throw new ServiceException(ServiceError.CONFLICT, String.valueOf(e.getMessage()), e);
        }
    }

    /** Waits until the image's log has answered. */
    static void await(Consumer<Completion> request, CatalogImage image) throws IOException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        request.accept(new Completion() {
            @Override
            public void succeeded() {
                done.complete(null);
            }

            @Override
            public void failed(IOException cause) {
                done.completeExceptionally(cause);
            }
        });
        CatalogCommands.await(done, "the log of image " + image.name(), PATIENCE);
    }
}
