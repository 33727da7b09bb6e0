package io.qedstore.api.http;

import io.qedstore.security.PeerToken;
import io.qedstore.security.TlsFiles;
import io.qedstore.security.TokenFile;
import java.time.Duration;
import java.util.Optional;

/**
 * How the API is served.
 *
 * @param tls empty to serve in clear; its certificate is also shown to other nodes
 * @param tokens who may do what; empty if nobody is asked who they are
 * @param peerToken shown to other nodes
 * @param close for how long requests under way may go on when the server closes
 */
public record ApiSettings(
        Optional<TlsFiles> tls,
        Optional<TokenFile> tokens,
        PeerToken peerToken,
        ApiLimits limits,
        PeerTimeouts peers,
        Duration close) {
    public static ApiSettings standard(Optional<TlsFiles> tls) {
        return standard(tls, Optional.empty(), PeerToken.NONE);
    }

    public static ApiSettings standard(Optional<TlsFiles> tls, Optional<TokenFile> tokens, PeerToken peerToken) {
        return new ApiSettings(
                tls, tokens, peerToken, ApiLimits.standard(), PeerTimeouts.standard(), Duration.ofSeconds(10));
    }
}
