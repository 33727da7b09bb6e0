package io.qedstore.replica;

import io.qedstore.content.BlockDigest;

/**
 * A part of a copy as bytes. All numbers are big-endian.
 *
 * <pre>
 *   u32 magic  u8 version  state               all of its events are in the file before its first byte is read
 *   u8 1  u64 fileOffset  u32 length  bytes     data, in the order of the file; the rest is zeros
 *   u8 2  state  u64 next  u64 fileLength       no event behind it has left anything in the bytes before
 * </pre>
 *
 * A state is a u32 length and what {@link io.qedstore.fold.FoldStateCodec} makes of it. The next part begins at {@code next}, which is
 * the file's length at the end.
 */
final class CopyFormat {
    static final int MAGIC = 0x51_53_43_50;
    static final int VERSION = 1;
    static final int DATA = 1;
    static final int END = 2;

    /** So much of the file is looked at in one go, and no data is longer. */
    static final int CHUNK_BYTES = 64 * BlockDigest.BLOCK_BYTES;

    static final int MAX_STATE_BYTES = 1 << 16;

    private CopyFormat() {}
}
