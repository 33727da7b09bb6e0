package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads all of a file to find out what it contains, whatever anybody has said of it. Holes are passed by. */
public final class ContentScan {
    private static final int STEP_BLOCKS = 256;

    private ContentScan() {}

    /** Hears of each block that is not zeros, in their order. */
    @FunctionalInterface
    public interface Blocks {
        void found(long block, Digest digest) throws IOException;
    }

    /** The sum of a file that nobody changes meanwhile. */
    public static Digest sum(FileView file, DigestAlgorithm algorithm) throws IOException {
        return sum(file, algorithm, (block, digest) -> {});
    }

    /** The same, and makes sums that know of nothing yet those of the file. */
    public static Digest sum(FileView file, DigestAlgorithm algorithm, BlockSums into, Blocks blocks)
            throws IOException {
        into.endsAt(file.length());
        return sum(file, algorithm, (block, digest) -> {
            into.set(block, digest);
            blocks.found(block, digest);
        });
    }

    /** The same, and what it is the sum of. */
    public static Digest sum(FileView file, DigestAlgorithm algorithm, Blocks blocks) throws IOException {
        ContentSum sum = new ContentSum(Digest.NONE);
        ByteBuffer chunk = ByteBuffer.allocateDirect(STEP_BLOCKS * BLOCK_BYTES);
        long length = file.length();
        long end = (length + BLOCK_BYTES - 1) / BLOCK_BYTES;
        long next = 0;
        while (next < end) {
            long data = file.nextData(next * BLOCK_BYTES);
            if (data >= length) {
                break;
            }
            next = data / BLOCK_BYTES;
            int count = (int) Math.min(STEP_BLOCKS, end - next);
            file.read(next * BLOCK_BYTES, chunk.clear().limit(count * BLOCK_BYTES));
            chunk.flip();
            for (int i = 0; i < count; i++) {
                Digest digest = BlockDigest.of(algorithm, next + i, chunk.slice(i * BLOCK_BYTES, BLOCK_BYTES));
                if (!digest.equals(Digest.NONE)) {
                    sum.add(digest);
                    blocks.found(next + i, digest);
                }
            }
            next += count;
        }
        return sum.value();
    }
}
