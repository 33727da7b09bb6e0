package io.qedstore.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A node, as it has announced itself.
 *
 * @param roles {@code owner}, {@code replica}
 * @param api where its API is, as a URL
 * @param nbd where its exports are, as an NBD URI without a name
 * @param draining whether it takes no more images
 * @param running whether Kafka sees it running; empty while that is not known
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
        Optional<Boolean> running,
        boolean self) {
    public NodeInfo {
        roles = List.copyOf(roles);
    }
}
