package io.qedstore.nbd;

import io.qedstore.nbd.wire.NbdOption;

/** What comes after an option and its reply. */
sealed interface HandshakeOutcome {
    /** The next option. */
    record NextOption() implements HandshakeOutcome {}

    /** The end of the connection, once the reply is out. */
    record Close() implements HandshakeOutcome {}

    /** A TLS handshake, once the reply is out. */
    record StartTls() implements HandshakeOutcome {}

    /** Requests, if the export lets the client in; the option is refused otherwise. */
    record Transmit(Session session, NbdOption option) implements HandshakeOutcome {}
}
