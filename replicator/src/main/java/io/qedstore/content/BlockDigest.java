package io.qedstore.content;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The digest of a block: of its bytes, with zeros behind the file's end, and of its place. A block of zeros counts nothing, so that
 * a hole and zeros that were written are the same.
 */
public final class BlockDigest {
    public static final int BLOCK_BYTES = 4096;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private BlockDigest() {}

    /** @param bytes {@code [from, from + BLOCK_BYTES)} is the block */
    public static Digest of(DigestAlgorithm algorithm, long block, byte[] bytes, int from) {
        if (Arrays.equals(bytes, from, from + BLOCK_BYTES, ZEROS, 0, BLOCK_BYTES)) {
            return Digest.NONE;
        }
        ByteBuffer placed = ByteBuffer.allocate(Digest.BYTES + Long.BYTES);
        algorithm.of(bytes, from, BLOCK_BYTES).write(placed);
        return algorithm.of(placed.putLong(block).array());
    }
}
