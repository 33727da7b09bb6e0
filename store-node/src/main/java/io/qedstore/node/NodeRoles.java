package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the nodes have said that they do, {@code node.roles}. What is placed on a node of which nothing is known, the catalog refuses. */
final class NodeRoles {
    private final MetadataIndex index;

    NodeRoles(MetadataIndex index) {
        this.index = index;
    }

    /** Whether a node has a role; one that nobody knows has none. */
    boolean has(NodeId node, NodeRole role) throws IOException {
        Optional<CatalogNode> known = index.node(node);
        return known.isPresent() && known.get().roles().contains(role);
    }

    /** @throws ServiceException if one of the nodes does not do what is asked of it, before anything is made for it */
    void require(Placement placement) throws IOException {
        requireOwner(placement.owner());
        for (NodeId replica : placement.replicas()) {
            require(replica, NodeRole.REPLICA, "keeps no copies of other nodes' images");
        }
    }

    /** @throws ServiceException if the node owns no images */
    void requireOwner(NodeId node) throws IOException {
        require(node, NodeRole.OWNER, "owns no images");
    }

    private void require(NodeId node, NodeRole wanted, String otherwise) throws IOException {
        Optional<CatalogNode> known = index.node(node);
        if (known.isPresent() && !known.get().roles().contains(wanted)) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "node " + node + " " + otherwise + ": it has node.roles="
                            + words(known.get().roles()) + ", expected " + Views.word(wanted)
                            + " among them; name another node");
        }
    }

    private static String words(Set<NodeRole> roles) {
        return roles.stream().sorted().map(Views::word).collect(Collectors.joining(","));
    }

    /**
     * How an image is placed once another node owns it: the others keep their copies, but for the owner before if it keeps none of
     * other nodes' images.
     */
    Placement withOwner(NodeId owner, Placement before) throws IOException {
        return new Placement(owner, keepers(before.nodes(), owner));
    }

    private Collection<NodeId> keepers(Collection<NodeId> nodes, NodeId except) throws IOException {
        Set<NodeId> keepers = new TreeSet<>();
        for (NodeId node : nodes) {
            if (!node.equals(except) && (index.node(node).isEmpty() || has(node, NodeRole.REPLICA))) {
                keepers.add(node);
            }
        }
        return keepers;
    }
}
