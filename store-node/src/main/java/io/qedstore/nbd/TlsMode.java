package io.qedstore.nbd;

/** Whether connections are encrypted; the protocol's names are NOTLS, SELECTIVETLS and FORCEDTLS. */
public enum TlsMode {
    OFF,
    /** The client may choose; exports can be kept for those who choose it. */
    ALLOWED,
    REQUIRED
}
