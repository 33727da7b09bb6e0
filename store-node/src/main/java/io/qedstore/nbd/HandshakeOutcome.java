package io.qedstore.nbd;

/** What comes after an option and its reply. */
sealed interface HandshakeOutcome {
    /** The next option. */
    record NextOption() implements HandshakeOutcome {}

    /** The end of the connection, once the reply is out. */
    record Close() implements HandshakeOutcome {}

    /** A TLS handshake, once the reply is out. */
    record StartTls() implements HandshakeOutcome {}

    /** Requests. */
    record Transmit(Session session) implements HandshakeOutcome {}
}
