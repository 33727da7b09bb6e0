package io.qedstore.checkpoint;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A file as chunks that hold what is not zeros. The same content gives the same chunks, wherever its holes are. A chunk, all numbers
 * big-endian:
 *
 * <pre>
 *   at  bytes
 *    0    4   count n of extents
 *    4  12n   of each: file offset 8, length 4; ascending, none touches another
 *         ..   their bytes, one behind the other
 * </pre>
 */
final class ChunkCodec {
    private static final int EXTENT_BYTES = 12;
    private static final int MAX_BLOCKS = 2048;

    /** A chunk holds so many bytes of the file at most: 8 MiB. */
    static final int DATA_BYTES = MAX_BLOCKS * BLOCK_BYTES;

    /** No chunk is longer. */
    static final int MAX_BYTES = 4 + MAX_BLOCKS * EXTENT_BYTES + DATA_BYTES;

    private ChunkCodec() {}

    /** Cuts a file into chunks, from its beginning to its end. One thread. */
    static final class Reader {
        private final FileView file;
        private final long length;
        private final byte[] block = new byte[BLOCK_BYTES];
        private final ByteBuffer data = ByteBuffer.allocate(DATA_BYTES);
        private final ByteBuffer extents = ByteBuffer.allocate(MAX_BLOCKS * EXTENT_BYTES);
        private long at;

        Reader(FileView file) {
            this.file = file;
            this.length = file.length();
        }

        /** @return null behind the last */
        byte @Nullable [] next() throws IOException {
            data.clear();
            extents.clear();
            long start = -1;
            long end = -1;
            while (at < length && data.remaining() >= BLOCK_BYTES) {
                long found = file.nextData(at) / BLOCK_BYTES * BLOCK_BYTES;
                if (found >= length) {
                    at = length;
                    break;
                }
                at = Math.max(at, found);
                int count = (int) Math.min(BLOCK_BYTES, length - at);
                file.read(at, ByteBuffer.wrap(block, 0, count));
                if (!Zeros.areAll(ByteBuffer.wrap(block, 0, count))) {
                    if (at != end) {
                        endExtent(start, end);
                        start = at;
                    }
                    data.put(block, 0, count);
                    end = at + count;
                }
                at += count;
            }
            endExtent(start, end);
            return data.position() == 0 ? null : chunk();
        }

        private void endExtent(long start, long end) {
            if (start >= 0) {
                extents.putLong(start).putInt((int) (end - start));
            }
        }

        private byte[] chunk() {
            return ByteBuffer.allocate(4 + extents.position() + data.position())
                    .putInt(extents.position() / EXTENT_BYTES)
                    .put(extents.flip())
                    .put(data.flip())
                    .array();
        }
    }

    /**
     * Writes a chunk's bytes to where they belong.
     *
     * @param length of the file
     * @throws CheckpointException.Damaged if it is no chunk of such a file; nothing was written then
     */
    static int write(byte[] chunk, long length, ImageFile target, String what) throws IOException {
        int dataAt = check(chunk, length, what);
        ByteBuffer extents = ByteBuffer.wrap(chunk, 4, dataAt - 4);
        int from = dataAt;
        while (extents.hasRemaining()) {
            long fileOffset = extents.getLong();
            int count = extents.getInt();
            target.write(fileOffset, ByteBuffer.wrap(chunk, from, count));
            from += count;
        }
        return chunk.length - dataAt;
    }

    private static int check(byte[] chunk, long length, String what) throws CheckpointException.Damaged {
        ByteBuffer in = ByteBuffer.wrap(chunk);
        int count = chunk.length < 4 ? -1 : in.getInt();
        if (count < 1 || count > MAX_BLOCKS || chunk.length < 4 + count * EXTENT_BYTES) {
            throw new CheckpointException.Damaged(
                    what + " has " + chunk.length + " bytes with " + count + " extents, expected 1 to " + MAX_BLOCKS);
        }
        int dataAt = 4 + count * EXTENT_BYTES;
        long next = 0;
        long data = 0;
        for (int i = 0; i < count; i++) {
            long start = in.getLong();
            int extent = in.getInt();
            if (start < next || extent < 1 || start > length || extent > length - start) {
                throw new CheckpointException.Damaged(what + " has an extent of " + extent + " bytes at " + start
                        + ", expected one between " + next + " and " + length);
            }
            next = start + extent;
            data += extent;
        }
        if (data != chunk.length - dataAt) {
            throw new CheckpointException.Damaged(
                    what + " has " + (chunk.length - dataAt) + " bytes of data, expected " + data);
        }
        return dataAt;
    }
}
