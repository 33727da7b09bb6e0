package io.qedstore.api.http;

import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The other nodes' APIs. */
final class Peers {
    /** A request that a node has passed on: it is answered, or refused, and goes no further. Its value is of no use. */
    static final String FORWARDED = "X-Qedstore-Forwarded";

    private final NodeService node;
    private final HttpClient client;
    private final PeerTimeouts timeouts;

    /** @param tls shown to them, and what is asked of them; empty for what Java asks of everybody */
    Peers(NodeService node, PeerTimeouts timeouts, Optional<SSLContext> tls) {
        this.node = node;
        this.timeouts = timeouts;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeouts.connect());
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    HttpClient client() {
        return client;
    }

    PeerTimeouts timeouts() {
        return timeouts;
    }

    /** Empty if no other node of that id has announced itself. */
    Optional<NodeInfo> other(String id) throws IOException {
        return node.nodes().stream()
                .filter(info -> info.id().equals(id) && !info.self())
                .findAny();
    }
}
