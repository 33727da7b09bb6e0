package io.qedstore.nbd;

/** The client has broken the protocol in a way that leaves nothing to be made of the bytes that follow. */
final class ProtocolBreachException extends Exception {
    private static final long serialVersionUID = 1L;

    ProtocolBreachException(String message) {
        super(message);
    }
}
