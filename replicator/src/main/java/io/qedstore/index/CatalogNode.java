package io.qedstore.index;

import io.qedstore.event.Endpoint;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import java.util.Set;

/**
 * A node, as it announced itself last.
 *
 * @param understands the newest version of the records' format that it can read
 * @param draining whether it takes no more images
 * @param announcedMicros when it did
 */
public record CatalogNode(
        NodeId id,
        Set<NodeRole> roles,
        Endpoint api,
        Endpoint nbd,
        int understands,
        boolean draining,
        long announcedMicros) {
    public CatalogNode {
        roles = Set.copyOf(roles);
    }

    CatalogNode withDraining(boolean now) {
        return new CatalogNode(id, roles, api, nbd, understands, now, announcedMicros);
    }
}
