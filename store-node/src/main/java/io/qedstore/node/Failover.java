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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
    private final NodeRoles roles;
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
        /**
         * The last event that it has applied; empty if it does not follow.
         *
         * @throws IOException if it does not answer soon
         */
        Optional<Long> applied(NodeId node, CatalogImage image) throws IOException;
    }

    /** One turn's questions: who does not answer one is not asked again, since each silence costs seconds. */
    static final class Round {
        private final CopiesElsewhere elsewhere;
        private final Set<NodeId> silent = new HashSet<>();

        Round(CopiesElsewhere elsewhere) {
            this.elsewhere = elsewhere;
        }

        Optional<Long> applied(NodeId node, CatalogImage image) {
            if (silent.contains(node)) {
                return Optional.empty();
            }
            try {
                return elsewhere.applied(node, image);
            } catch (IOException e) {
                silent.add(node);
                LOG.info("node {} does not say how far its copies are: {}", node, e.getMessage());
                return Optional.empty();
            }
        }
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
        this.roles = new NodeRoles(index);
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
            if (there.isPresent()) {
                missing.keySet().retainAll(hosted.all());
                Round others = new Round(elsewhere);
                for (HostedImage image : hosted.all()) {
                    tryToLook(image, there.get(), others);
                }
            } else {
                forgetAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            busy.set(false);
        }
    }

    /** Who is there is not known now. */
    private void forgetAll() {
        missing.clear();
        hosted.all().forEach(image -> image.setOwnerless(Optional.empty()));
    }

    private void tryToLook(HostedImage image, Set<NodeId> there, Round others) throws InterruptedException {
        try {
            look(image, there, others);
        } catch (IOException e) {
            LOG.warn(
                    "a takeover of image {} failed, and will be tried again: {}",
                    image.image().name(),
                    e.getMessage());
        }
    }

    private void look(HostedImage image, Set<NodeId> there, Round round) throws IOException, InterruptedException {
        CatalogImage now = image.image();
        Optional<String> gone = gone(now, there);
        Optional<String> obstacle = gone.isPresent() ? obstacle(now) : Optional.empty();
        image.setOwnerless(gone.map(why -> why + obstacle.orElse("")));
        if (gone.isEmpty() || obstacle.isPresent()) {
            missing.remove(image);
            return;
        }
        Optional<Long> mine = applied(image.status());
        if (mine.isEmpty() || image.missingBase().isPresent()) {
            return; // what this node has is of no use
        }
        long since = Objects.requireNonNull(missing.computeIfAbsent(image, added -> nanos.getAsLong()));
        long better = better(now, there, mine.get(), round);
        if (nanos.getAsLong() - since >= better * TURN_NANOS) {
            take(image, now);
        }
    }

    /** Why an image that this node has a copy of is without its owner, for people; empty if it is not. */
    private Optional<String> gone(CatalogImage image, Set<NodeId> there) throws IOException {
        NodeId owner = image.placement().owner();
        if (image.life() != ImageLife.LIVE || !image.placement().replicas().contains(self)) {
            return Optional.empty();
        }
        if (!there.contains(owner)) {
            return Optional.of("its owner, node " + owner + ", is gone");
        }
        boolean isOwnerNoMore = index.node(owner).isPresent() && !roles.has(owner, NodeRole.OWNER);
        return isOwnerNoMore
                ? Optional.of("its owner, node " + owner + ", has no owner among its node.roles any more")
                : Optional.empty();
    }

    /** Why this node does not take it over, for people. */
    private Optional<String> obstacle(CatalogImage image) throws IOException {
        if (image.settings().failover() != FailoverMode.AUTO) {
            return Optional.of(", and failover is manual; if that node is lost, promote another with --force");
        }
        if (!roles.has(self, NodeRole.OWNER)) {
            return Optional.of(
                    ", and this node cannot take it over: it has no owner among its node.roles; place a copy on a node"
                            + " that has");
        }
        return mayOwn(self)
                ? Optional.empty()
                : Optional.of(", and this node, which is being drained, does not take it over");
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
    private long better(CatalogImage image, Set<NodeId> there, long mine, Round round) throws IOException {
        List<NodeId> others = image.placement().replicas().stream()
                .filter(node -> !node.equals(self) && there.contains(node))
                .sorted(Comparator.naturalOrder())
                .toList();
        long better = 0;
        for (NodeId other : others) {
            Optional<Candidate> theirs = mayOwn(other)
                    ? round.applied(other, image).map(applied -> new Candidate(other, applied))
                    : Optional.empty();
            boolean isBetter = theirs.isPresent() && theirs.get().isBetterThan(new Candidate(self, mine));
            better += isBetter ? 1 : 0;
        }
        return better;
    }

    private void take(HostedImage image, CatalogImage now) throws IOException, InterruptedException {
        Placement before = now.placement();
        ImagePlaced placed = new ImagePlaced(now.id(), roles.withOwner(self, before), Optional.of(before));
        LOG.warn("image {} is without its owner, node {}; node {} takes it over", now.name(), before.owner(), self);
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
