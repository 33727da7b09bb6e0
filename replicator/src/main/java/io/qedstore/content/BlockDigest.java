package io.qedstore.content;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.Zeros;
import java.nio.ByteBuffer;

/**
 * The digest of a block: of its bytes, with zeros behind the file's end, and of its place. A block of zeros counts nothing, so that
 * a hole and zeros that were written are the same.
 */
public final class BlockDigest {
    public static final int BLOCK_BYTES = 4096;

    private BlockDigest() {}

    /** @param bytes {@code [position, limit)} is the block */
    public static Digest of(DigestAlgorithm algorithm, long block, ByteBuffer bytes) {
        if (Zeros.areAll(bytes)) {
            return Digest.NONE;
        }
        ByteBuffer placed = ByteBuffer.allocate(Digest.BYTES + Long.BYTES);
        algorithm.of(bytes).write(placed);
        return algorithm.of(placed.putLong(block).array());
    }
}
