package io.qedstore.api.http;

import java.time.Duration;

/**
 * How long other nodes are waited for.
 *
 * @param connect to any of them
 * @param answer of the one that a request is forwarded to: what it does may have to wait for the log
 * @param export of the one that is to make an export: it copies and reads a whole file first
 * @param survey for what it tells of its copy
 */
public record PeerTimeouts(Duration connect, Duration answer, Duration export, Duration survey) {
    public static PeerTimeouts standard() {
        return new PeerTimeouts(
                Duration.ofSeconds(3), Duration.ofSeconds(90), Duration.ofMinutes(30), Duration.ofSeconds(2));
    }
}
