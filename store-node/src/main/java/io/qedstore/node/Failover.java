package io.qedstore.node;

import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.hosting.CopyStatus;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over images that opted in ({@code failover=auto}) from a node that is gone. Each of the others that are there looks which of
 * them has the most of the image, and that one places it on itself; the catalog's order decides if two think so. The old owner's lease
 * is waited for, as at any takeover by force, so being wrong about who is gone costs a pause and no data.
 *
 * <p>One turn at a time.
 */
final class Failover {
    private static final Logger LOG = LoggerFactory.getLogger(Failover.class);

    /** Who is not the best waits so long for each that is better, since they may fail as well. */
    private static final long TURN_NANOS = 5_000_000_000L;

    private final NodeId self;
    private final MetadataIndex index;
    private final HostedImages hosted;
    private final CatalogCommands commands;
    private final Supplier<Optional<Set<NodeId>>> members;
    private final CopiesElsewhere elsewhere;
    private final LongSupplier nanos;
    private final AtomicBoolean busy = new AtomicBoolean();

    /** Since when images are without their owner. Of the turn. */
    private final Map<HostedImage, Long> missing = new HashMap<>();

    /** How far another node's copy is. */
    @FunctionalInterface
    interface CopiesElsewhere {
        /** The last event that it has applied; empty if it does not answer soon, or does not follow. */
        Optional<Long> applied(NodeId node, CatalogImage image);
    }

    /** A copy that could take an image over. */
    record Candidate(NodeId node, long applied) {
        /** The one with more of it; of those that have as much, one that all agree on. */
        boolean isBetterThan(Candidate other) {
            return applied > other.applied || (applied == other.applied && node.compareTo(other.node) < 0);
        }
    }

    Failover(
            NodeId self,
            MetadataIndex index,
            HostedImages hosted,
            CatalogCommands commands,
            Supplier<Optional<Set<NodeId>>> members,
            CopiesElsewhere elsewhere,
            LongSupplier nanos) {
        this.self = self;
        this.index = index;
        this.hosted = hosted;
        this.commands = commands;
        this.members = members;
        this.elsewhere = elsewhere;
        this.nanos = nanos;
    }

    /** Looks whether something is to be taken over. Waits for other nodes and for the catalog. */
    void turn() {
        if (busy.getAndSet(true)) {
            return;
        }
        try {
            Optional<Set<NodeId>> there = members.get().filter(nodes -> nodes.contains(self));
            missing.keySet().removeIf(image -> there.isEmpty() || !isMissing(image.image(), there.get()));
            if (there.isPresent()) {
                for (HostedImage image : hosted.all()) {
                    look(image, there.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("a takeover failed, and will be tried again: {}", e.getMessage());
        } finally {
            busy.set(false);
        }
    }

    private boolean isMissing(CatalogImage image, Set<NodeId> there) {
        return image.life() == ImageLife.LIVE
                && image.settings().failover() == FailoverMode.AUTO
                && image.placement().replicas().contains(self)
                && !there.contains(image.placement().owner());
    }

    private void look(HostedImage image, Set<NodeId> there) throws IOException, InterruptedException {
        CatalogImage now = image.image();
        if (!isMissing(now, there) || !mayOwn(self)) {
            return;
        }
        Optional<Long> mine = applied(image.status());
        if (mine.isEmpty() || image.missingBase().isPresent()) {
            return; // what this node has is of no use
        }
        long since = Objects.requireNonNull(missing.computeIfAbsent(image, added -> nanos.getAsLong()));
        long better = better(now, there, mine.get());
        if (nanos.getAsLong() - since >= better * TURN_NANOS) {
            take(image, now);
        }
    }

    private boolean mayOwn(NodeId node) throws IOException {
        Optional<CatalogNode> known = index.node(node);
        return known.isPresent()
                && known.get().roles().contains(NodeRole.OWNER)
                && !known.get().draining();
    }

    /** The last event of a copy that could take over; empty if it has nothing, or cannot go on: one that has diverged cannot. */
    static Optional<Long> applied(CopyStatus status) {
        return status.stage() == Stage.FOLLOWING && status.applied() > 0
                ? Optional.of(status.applied())
                : Optional.empty();
    }

    /** How many of the others should have it rather. */
    private long better(CatalogImage image, Set<NodeId> there, long mine) throws IOException {
        List<NodeId> others = image.placement().replicas().stream()
                .filter(node -> !node.equals(self) && there.contains(node))
                .sorted(Comparator.naturalOrder())
                .toList();
        long better = 0;
        for (NodeId other : others) {
            Optional<Candidate> theirs = mayOwn(other)
                    ? elsewhere.applied(other, image).map(applied -> new Candidate(other, applied))
                    : Optional.empty();
            boolean isBetter = theirs.isPresent() && theirs.get().isBetterThan(new Candidate(self, mine));
            better += isBetter ? 1 : 0;
        }
        return better;
    }

    private void take(HostedImage image, CatalogImage now) throws IOException, InterruptedException {
        Placement before = now.placement();
        TreeSet<NodeId> replicas = new TreeSet<>(before.nodes());
        replicas.remove(self);
        ImagePlaced placed = new ImagePlaced(now.id(), new Placement(self, replicas), Optional.of(before));
        LOG.warn("node {} is gone; node {} takes over image {}", before.owner(), self, now.name());
        if (commands.trySubmit(placed)) {
            missing.remove(image);
            image.ownByForce(Optional.empty()).whenComplete((volume, failure) -> {
                if (failure == null) {
                    LOG.warn("node {} owns image {} now", self, now.name());
                } else {
                    LOG.error("image {} could not be taken over: {}", now.name(), failure.getMessage());
                }
            });
        }
    }
}
