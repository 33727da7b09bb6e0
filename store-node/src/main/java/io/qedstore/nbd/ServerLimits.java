package io.qedstore.nbd;

import java.time.Duration;

/**
 * How much of the server its clients may take.
 *
 * @param maxConnections open at once; who comes then is closed at once
 * @param maxHandshakes of these, how many may still be negotiating; one more closes the one that has done so for longest
 * @param handshakeDeadline from accepting a connection to its first request
 * @param maxOptions in one handshake
 * @param maxRequests in flight on one connection; further ones wait in its socket
 * @param maxConnectionBytes of requests in flight on one connection; a single request may have more
 * @param maxBytes of requests in flight on all connections
 * @param stallDeadline how long a connection may hold bytes without any of them moving while others wait for theirs
 * @param closeDeadline how long requests in flight may take to end when the server is closed
 */
public record ServerLimits(
        int maxConnections,
        int maxHandshakes,
        Duration handshakeDeadline,
        int maxOptions,
        int maxRequests,
        long maxConnectionBytes,
        long maxBytes,
        Duration stallDeadline,
        Duration closeDeadline) {

    public static final ServerLimits DEFAULT = new ServerLimits(
            1024,
            64,
            Duration.ofSeconds(10),
            128,
            128,
            64L << 20,
            Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30));

    public ServerLimits {
        requirePositive(maxConnections, "maxConnections");
        requirePositive(maxHandshakes, "maxHandshakes");
        requirePositive(maxOptions, "maxOptions");
        requirePositive(maxRequests, "maxRequests");
        requirePositive(maxConnectionBytes, "maxConnectionBytes");
        requirePositive(maxBytes, "maxBytes");
    }

    public ServerLimits withMaxConnections(int connections) {
        return new ServerLimits(
                connections,
                maxHandshakes,
                handshakeDeadline,
                maxOptions,
                maxRequests,
                maxConnectionBytes,
                maxBytes,
                stallDeadline,
                closeDeadline);
    }

    private static void requirePositive(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " is " + value + ", expected at least 1");
        }
    }
}
