package io.qedstore.cli.api;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;

/** Says in some words why a node could not be reached. Java's client often says nothing. */
final class NetworkReason {
    private NetworkReason() {}

    static String of(Throwable failure) {
        if (has(failure, UnresolvedAddressException.class)) {
            return "the host's name is not known";
        } else if (has(failure, HttpConnectTimeoutException.class)) {
            return "it does not react in time";
        } else if (failure instanceof ConnectException
                && (failure.getMessage() == null || failure.getMessage().equals("Connection refused"))) {
            return "nothing listens there";
        } else if (has(failure, ClosedChannelException.class)) {
            return "the connection was closed";
        }
        return Objects.requireNonNullElse(
                failure.getMessage(), failure.getClass().getSimpleName());
    }

    /** Whether TLS can be what did not work, if it was to be used: Java's time to connect is the handshake's, too. */
    static boolean mayBeTls(Throwable failure) {
        return has(failure, SSLException.class) || has(failure, HttpConnectTimeoutException.class);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        List<Throwable> seen = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !seen.contains(cause); cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
            seen.add(cause);
        }
        return false;
    }
}
