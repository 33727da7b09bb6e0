package io.qedstore.index;

import static io.qedstore.index.CatalogDecision.applied;

import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.event.CatalogEvent.NodeDrained;
import io.qedstore.event.CatalogEvent.NodeRemoved;
import io.qedstore.event.FormatVersion;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The part of {@link CatalogRules} that is about nodes and what is placed on them. */
final class NodeRules {
    private final MetadataIndex index;
    private final Requirements require;
    private final long timeMicros;

    NodeRules(MetadataIndex index, long timeMicros) {
        this.index = index;
        this.require = new Requirements(index);
        this.timeMicros = timeMicros;
    }

    CatalogDecision announce(NodeAnnounced announced) throws IOException {
        boolean draining =
                index.node(announced.node()).map(CatalogNode::draining).orElse(false);
        return applied(new CatalogChange.NodeSet(new CatalogNode(
                announced.node(),
                announced.roles(),
                announced.api(),
                announced.nbd(),
                announced.understands(),
                draining,
                timeMicros)));
    }

    CatalogDecision drain(NodeDrained drained) throws IOException, VoidRecordException {
        CatalogNode node = require.node(drained.node());
        return applied(new CatalogChange.NodeSet(node.withDraining(drained.draining())));
    }

    CatalogDecision remove(NodeRemoved removed) throws IOException, VoidRecordException {
        CatalogNode node = require.node(removed.node());
        List<CatalogImage> images = index.imagesPlacedOn(node.id(), Optional.empty(), 1);
        if (!images.isEmpty()) {
            CatalogImage first = images.get(0);
            throw new VoidRecordException(
                    CatalogVerdict.HAS_IMAGES,
                    "image " + first.id() + ", " + first.name() + ", is placed on node " + node.id()
                            + ", and there may be more; expected a node that has none");
        }
        return applied(new CatalogChange.NodeRemoved(node.id()));
    }

    CatalogDecision place(ImagePlaced placed) throws IOException, VoidRecordException {
        CatalogImage image = require.live(placed.image());
        if (placed.expected().isPresent() && !placed.expected().get().equals(image.placement())) {
            throw new VoidRecordException(
                    CatalogVerdict.CHANGED_MEANWHILE,
                    "image " + image.name() + " is placed on " + image.placement() + ", expected "
                            + placed.expected().get() + ": somebody else has placed it meanwhile");
        }
        Set<NodeId> before = image.placement().nodes();
        requireRoles(placed.placement(), before, image.backing().isPresent());
        Set<NodeId> after = placed.placement().nodes();
        List<CatalogChange> changes = new ArrayList<>();
        changes.add(new CatalogChange.ImageSet(image.withPlacement(placed.placement())));
        before.stream()
                .filter(node -> !after.contains(node))
                .forEach(node -> changes.add(new CatalogChange.NotPlacedOn(node, image.id())));
        after.stream()
                .filter(node -> !before.contains(node))
                .forEach(node -> changes.add(new CatalogChange.PlacedOn(node, image.id())));
        return new CatalogDecision(CatalogVerdict.APPLIED, "", changes);
    }

    /**
     * Each node has said that it does what the placement wants of it, and those that are new take images.
     *
     * @param before nodes that have the image already
     * @param isClone older programs would serve zeros where its base shows through
     */
    void requireRoles(Placement placement, Set<NodeId> before, boolean isClone)
            throws IOException, VoidRecordException {
        requireRole(placement.owner(), NodeRole.OWNER);
        for (NodeId replica : placement.replicas()) {
            requireRole(replica, NodeRole.REPLICA);
        }
        for (NodeId node : placement.nodes()) {
            int understands = require.node(node).understands();
            if (isClone && understands < FormatVersion.CLONES) {
                throw new VoidRecordException(
                        CatalogVerdict.OLDER_PROGRAM,
                        "node " + node + " understands version " + understands
                                + " of the records' format, and clones take " + FormatVersion.CLONES
                                + "; upgrade qedstore there first");
            }
            if (!before.contains(node) && require.node(node).draining()) {
                throw new VoidRecordException(
                        CatalogVerdict.DRAINING, "node " + node + " is being drained, and takes no more images");
            }
        }
    }

    private void requireRole(NodeId id, NodeRole role) throws IOException, VoidRecordException {
        CatalogNode node = require.node(id);
        if (!node.roles().contains(role)) {
            throw new VoidRecordException(
                    CatalogVerdict.NO_SUCH_ROLE,
                    "node " + id + " has the roles " + node.roles() + ", expected " + role + " among them");
        }
    }
}
