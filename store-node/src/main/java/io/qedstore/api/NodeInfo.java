package io.qedstore.api;

import java.time.Instant;
import java.util.List;

/**
 * A node, as it has announced itself.
 *
 * @param roles {@code owner}, {@code replica}
 * @param api where its API is, as a URL
 * @param nbd where its exports are, as an NBD URI without a name
 * @param draining whether it takes no more images
 * @param self whether it is the node that answers
 */
public record NodeInfo(
        String id,
        List<String> roles,
        String api,
        String nbd,
        int understands,
        boolean draining,
        Instant announcedAt,
        boolean self) {
    public NodeInfo {
        roles = List.copyOf(roles);
    }
}
