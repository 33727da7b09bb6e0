package io.qedstore.api.http;

import io.qedstore.security.TlsFiles;
import java.time.Duration;
import java.util.Optional;

/**
 * How the API is served.
 *
 * @param tls empty to serve in clear; its certificate is also shown to other nodes
 * @param close for how long requests under way may go on when the server closes
 */
public record ApiSettings(Optional<TlsFiles> tls, ApiLimits limits, PeerTimeouts peers, Duration close) {
    public static ApiSettings standard(Optional<TlsFiles> tls) {
        return new ApiSettings(tls, ApiLimits.standard(), PeerTimeouts.standard(), Duration.ofSeconds(10));
    }
}
