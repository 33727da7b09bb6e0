package io.qedstore.nbd.wire;

/** Flags of a request. */
public final class CommandFlags {
    public static final int FUA = 1;
    public static final int NO_HOLE = 1 << 1;
    public static final int DF = 1 << 2;
    public static final int REQ_ONE = 1 << 3;
    public static final int FAST_ZERO = 1 << 4;

    /** In extended requests: the length is that of a payload that follows, not of the effect. */
    public static final int PAYLOAD_LEN = 1 << 5;

    private CommandFlags() {}
}
