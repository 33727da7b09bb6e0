package io.qedstore.nbd.wire;

import io.netty.buffer.ByteBuf;

/**
 * How replies of the transmission phase look, and their headers as bytes.
 *
 * <pre>
 * simple     (16 bytes): u32 magic, u32 error, u64 cookie                       then the data of a read that succeeded
 * structured (20 bytes): u32 magic, u16 flags, u16 type, u64 cookie, u32 length              then the chunk's payload
 * extended   (32 bytes): u32 magic, u16 flags, u16 type, u64 cookie, u64 offset, u64 length  then the chunk's payload
 * </pre>
 *
 * In the structured form everything but reads and block status may be answered simply, and is where it succeeded.
 */
public enum ReplyForm {
    SIMPLE,
    STRUCTURED,
    EXTENDED;

    /** Bytes before the data of a piece of a read, at most. */
    public static final int MAX_DATA_HEADER_BYTES = 32 + Long.BYTES;

    /** Bytes of a hole chunk, at most. */
    public static final int MAX_HOLE_BYTES = 32 + Long.BYTES + Integer.BYTES;

    /** Whether replies consist of chunks, and holes can be told. */
    public boolean hasChunks() {
        return this != SIMPLE;
    }

    /** The whole reply to a request that succeeded and brings nothing back. */
    public void success(ByteBuf out, Request request) {
        if (this == EXTENDED) {
            chunk(out, request, ChunkType.NONE, 0, true);
        } else {
            simple(out, request, 0);
        }
    }

    /** The whole reply to a read of nothing. */
    public void emptyRead(ByteBuf out, Request request) {
        if (hasChunks()) {
            chunk(out, request, ChunkType.NONE, 0, true);
        } else {
            simple(out, request, 0);
        }
    }

    /** The whole reply to a request that failed. {@code text}, for people, is lost in the simple form. */
    public void error(ByteBuf out, Request request, NbdErrno errno, String text) {
        if (this == SIMPLE) {
            simple(out, request, errno.code());
            return;
        }
        byte[] bytes = OptionReplies.text(text);
        chunk(out, request, ChunkType.ERROR, Integer.BYTES + Short.BYTES + bytes.length, true);
        out.writeInt(errno.code()).writeShort(bytes.length).writeBytes(bytes);
    }

    /** What goes before the data of a read in the simple form. Nothing can be reported as failed any more after it. */
    public void simpleData(ByteBuf out, Request request) {
        simple(out, request, 0);
    }

    /** What goes before {@code lengthBytes} bytes of data. */
    public void dataChunk(ByteBuf out, Request request, long offset, int lengthBytes, boolean last) {
        chunk(out, request, ChunkType.OFFSET_DATA, Long.BYTES + (long) lengthBytes, last);
        out.writeLong(offset);
    }

    /** A hole in the data of a read. */
    public void holeChunk(ByteBuf out, Request request, long offset, int lengthBytes, boolean last) {
        chunk(out, request, ChunkType.OFFSET_HOLE, Long.BYTES + Integer.BYTES, last);
        out.writeLong(offset).writeInt(lengthBytes);
    }

    /** What goes before the extents of a context, which {@link #statusExtent} puts there one by one. */
    public void statusChunk(ByteBuf out, Request request, int contextId, int extents, boolean last) {
        if (this == EXTENDED) {
            long payload = 2L * Integer.BYTES + 2L * Long.BYTES * extents;
            chunk(out, request, ChunkType.BLOCK_STATUS_EXT, payload, last);
            out.writeInt(contextId).writeInt(extents);
        } else {
            chunk(out, request, ChunkType.BLOCK_STATUS, Integer.BYTES + 2L * Integer.BYTES * extents, last);
            out.writeInt(contextId);
        }
    }

    /** @param lengthBytes below 2^32 unless replies are extended */
    public void statusExtent(ByteBuf out, long lengthBytes, int status) {
        if (this == EXTENDED) {
            out.writeLong(lengthBytes).writeLong(status);
        } else {
            out.writeInt((int) lengthBytes).writeInt(status);
        }
    }

    private static void simple(ByteBuf out, Request request, int error) {
        out.writeInt(Magic.SIMPLE_REPLY).writeInt(error).writeLong(request.cookie());
    }

    private void chunk(ByteBuf out, Request request, int type, long payloadBytes, boolean last) {
        int flags = last ? ChunkType.FLAG_DONE : 0;
        if (this == EXTENDED) {
            out.writeInt(Magic.EXTENDED_REPLY)
                    .writeShort(flags)
                    .writeShort(type)
                    .writeLong(request.cookie())
                    .writeLong(request.offset())
                    .writeLong(payloadBytes);
        } else {
            out.writeInt(Magic.STRUCTURED_REPLY)
                    .writeShort(flags)
                    .writeShort(type)
                    .writeLong(request.cookie())
                    .writeInt((int) payloadBytes);
        }
    }
}
