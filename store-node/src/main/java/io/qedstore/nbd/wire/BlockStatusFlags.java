package io.qedstore.nbd.wire;

/** Bits of the {@code base:allocation} context. */
public final class BlockStatusFlags {
    /** No space is held; a write may fail for want of it. */
    public static final int HOLE = 1;

    /** Reads as zeros. */
    public static final int ZERO = 1 << 1;

    private BlockStatusFlags() {}
}
