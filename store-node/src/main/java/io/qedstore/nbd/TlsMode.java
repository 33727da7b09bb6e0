package io.qedstore.nbd;

import java.util.Locale;

/** Whether connections are encrypted; the protocol's names are NOTLS, SELECTIVETLS and FORCEDTLS. */
public enum TlsMode {
    OFF,
    /** The client may choose; exports can be kept for those who choose it. */
    ALLOWED,
    REQUIRED;

    /** The name as people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
