package io.qedstore.nbd.wire;

/** Sizes that the protocol fixes. */
public final class NbdLimits {
    /** Bytes of a name, a description, a context or an error text. */
    public static final int MAX_STRING_BYTES = 4096;

    /** Bytes of data in one request or reply, as every client expects them to be allowed. */
    public static final int MAX_PAYLOAD_BYTES = 32 << 20;

    private NbdLimits() {}
}
