package io.qedstore.nbd.client;

import java.io.IOException;

/** The server has said what the protocol does not allow, or what nobody has asked for; nothing more of it can be believed. */
final class ServerBreachException extends IOException {
    private static final long serialVersionUID = 1L;

    ServerBreachException(String message) {
        super(message);
    }
}
