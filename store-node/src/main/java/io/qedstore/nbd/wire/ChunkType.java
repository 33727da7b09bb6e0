package io.qedstore.nbd.wire;

/** Chunks of structured and extended replies. */
public final class ChunkType {
    public static final int NONE = 0;
    public static final int OFFSET_DATA = 1;
    public static final int OFFSET_HOLE = 2;
    public static final int BLOCK_STATUS = 5;
    public static final int BLOCK_STATUS_EXT = 6;
    public static final int ERROR = 0x8001;
    public static final int ERROR_OFFSET = 0x8002;

    /** Flag of a chunk: no more of this reply follow. */
    public static final int FLAG_DONE = 1;

    private ChunkType() {}
}
