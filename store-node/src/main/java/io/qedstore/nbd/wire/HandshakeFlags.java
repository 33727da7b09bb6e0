package io.qedstore.nbd.wire;

/** Flags of the greeting, the same bits in the server's and the client's. */
public final class HandshakeFlags {
    public static final int FIXED_NEWSTYLE = 1;
    public static final int NO_ZEROES = 1 << 1;
    public static final int ALL = FIXED_NEWSTYLE | NO_ZEROES;

    private HandshakeFlags() {}
}
