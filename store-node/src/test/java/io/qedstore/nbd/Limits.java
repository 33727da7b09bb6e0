package io.qedstore.nbd;

import java.time.Duration;

/** Limits of a server under test: the usual ones but for those that are set. */
final class Limits {
    private int connections = ServerLimits.DEFAULT.maxConnections();
    private int handshakes = ServerLimits.DEFAULT.maxHandshakes();
    private Duration handshakeDeadline = ServerLimits.DEFAULT.handshakeDeadline();
    private int options = ServerLimits.DEFAULT.maxOptions();
    private int requests = ServerLimits.DEFAULT.maxRequests();
    private long connectionBytes = ServerLimits.DEFAULT.maxConnectionBytes();
    private long bytes = ServerLimits.DEFAULT.maxBytes();
    private Duration stallDeadline = ServerLimits.DEFAULT.stallDeadline();
    private Duration closeDeadline = Duration.ofSeconds(5);

    Limits connections(int value) {
        connections = value;
        return this;
    }

    Limits handshakes(int value) {
        handshakes = value;
        return this;
    }

    Limits handshakeDeadlineMs(long value) {
        handshakeDeadline = Duration.ofMillis(value);
        return this;
    }

    Limits options(int value) {
        options = value;
        return this;
    }

    Limits requests(int value) {
        requests = value;
        return this;
    }

    Limits connectionBytes(long value) {
        connectionBytes = value;
        return this;
    }

    Limits bytes(long value) {
        bytes = value;
        return this;
    }

    Limits stallDeadlineMs(long value) {
        stallDeadline = Duration.ofMillis(value);
        return this;
    }

    Limits closeDeadlineMs(long value) {
        closeDeadline = Duration.ofMillis(value);
        return this;
    }

    ServerLimits build() {
        return new ServerLimits(
                connections,
                handshakes,
                handshakeDeadline,
                options,
                requests,
                connectionBytes,
                bytes,
                stallDeadline,
                closeDeadline);
    }
}
