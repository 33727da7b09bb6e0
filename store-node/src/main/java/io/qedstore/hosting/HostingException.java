package io.qedstore.hosting;

import java.io.IOException;

/** An image cannot be used on this node as it was asked for; the message says why, for people. */
public final class HostingException extends IOException {
    private static final long serialVersionUID = 1;

    HostingException(String message, Throwable cause) {
        super(message, cause);
    }

    HostingException(String message) {
        super(message);
    }
}
