package io.qedstore.api.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Where other nodes serve something. */
public final class PeerUri {
    private PeerUri() {}

    /**
     * @param api as the node has announced it
     * @param pathAndQuery encoded
     */
    public static URI of(String api, String pathAndQuery) throws URISyntaxException {
        return new URI((api.endsWith("/") ? api.substring(0, api.length() - 1) : api) + pathAndQuery);
    }

    /** Asks a node for its own copy of an image. */
    public static URI ownCopy(String api, String image) throws URISyntaxException {
        return of(api, "/v1/images/" + encoded(image) + "/replicas?local=true");
    }

    /** A name as a part of a path. */
    static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
