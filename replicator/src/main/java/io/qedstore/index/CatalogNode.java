package io.qedstore.index;

import io.qedstore.event.Endpoint;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import java.util.Set;

/**
 * A node, as it announced itself last.
 *
 * @param understands the newest version of the records' format that it can read
 * @param announcedMicros when it did
 */
public record CatalogNode(
        NodeId id, Set<NodeRole> roles, Endpoint api, Endpoint nbd, int understands, long announcedMicros) {
    public CatalogNode {
        roles = Set.copyOf(roles);
    }
}
