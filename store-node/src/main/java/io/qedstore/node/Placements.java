package io.qedstore.node;

import io.qedstore.api.NewImageRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Chooses the nodes of a new image. */
final class Placements {
    private final NodeId self;
    private final MetadataIndex index;

    Placements(NodeId self, MetadataIndex index) {
        this.self = self;
        this.index = index;
    }

    /** @throws ServiceException if a node that is named does not do what is asked of it */
    Placement of(ImageId image, NewImageRequest request) throws IOException {
        Placement placement = wanted(image, request);
        new NodeRoles(index).require(placement);
        return placement;
    }

    private Placement wanted(ImageId image, NewImageRequest request) throws IOException {
        NodeId owner = request.owner().isPresent() ? new NodeId(request.owner().get()) : someOwner();
        Optional<List<String>> named = request.replicas();
        if (named.isPresent()) {
            if (request.replicaCount().isPresent()) {
                throw new ServiceException(
                        ServiceError.INVALID, "replicas and replicaCount are both given; expected one of them");
            }
            return new Placement(owner, named.get().stream().map(NodeId::new).toList());
        }
        return new Placement(owner, chosen(image, owner, request));
    }

    /** This node, if it owns images. */
    private NodeId someOwner() throws IOException {
        return index.nodes().stream()
                .filter(node -> node.roles().contains(NodeRole.OWNER) && !node.draining())
                .map(CatalogNode::id)
                .min((a, b) -> Boolean.compare(!a.equals(self), !b.equals(self)))
                .orElseThrow(() -> new ServiceException(
                        ServiceError.CONFLICT, "no node of the cluster owns images; start one with node.roles=owner"));
    }

    /** Spreads images over the nodes: each begins at another. */
    private List<NodeId> chosen(ImageId image, NodeId owner, NewImageRequest request) throws IOException {
        List<NodeId> others = new ArrayList<>(index.nodes().stream()
                .filter(node -> node.roles().contains(NodeRole.REPLICA)
                        && !node.draining()
                        && !node.id().equals(owner))
                .map(CatalogNode::id)
                .toList());
        int count = request.replicaCount().orElse(Math.min(1, others.size()));
        if (count < 0 || count > others.size()) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "an image with " + count + " replicas, and " + others.size()
                            + " nodes besides its owner that keep replicas; expected 0 to " + others.size());
        }
        if (!others.isEmpty()) {
            Collections.rotate(others, Math.floorMod(image.hashCode(), others.size()));
        }
        return others.subList(0, count);
    }
}
