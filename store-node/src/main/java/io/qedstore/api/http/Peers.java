package io.qedstore.api.http;

import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.security.PeerToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The other nodes' APIs. */
final class Peers {
    /** A request that a node has passed on: it is answered, or refused, and goes no further. Its value is of no use. */
    static final String FORWARDED = "X-Qedstore-Forwarded";

    private final NodeService node;
    private final HttpClient client;
    private final PeerTimeouts timeouts;
    private final PeerToken token;

    /** @param tls shown to them, and what is asked of them; empty for what Java asks of everybody */
    Peers(NodeService node, PeerTimeouts timeouts, PeerToken token, Optional<SSLContext> tls) {
        this.node = node;
        this.timeouts = timeouts;
        this.token = token;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeouts.connect());
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** A request that says not whose it is, and that the other passes on to nobody. */
    static HttpRequest.Builder nameless(URI uri) {
        return HttpRequest.newBuilder(uri).header(FORWARDED, "1");
    }

    /**
     * A request in this node's own name, which the other passes on to nobody.
     *
     * @throws IOException if the node's token cannot be read
     */
    HttpRequest.Builder request(URI uri) throws IOException {
        HttpRequest.Builder request = nameless(uri);
        token.authorization().ifPresent(value -> request.header("Authorization", value));
        return request;
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
