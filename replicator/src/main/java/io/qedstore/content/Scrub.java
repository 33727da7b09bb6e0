package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * Reads a file again, from its beginning to its end, and finds the blocks that are not what is known of them. In steps, so that
 * whoever changes the file has to wait for one of them at most. For one thread.
 */
public final class Scrub {
    private static final int STEP_BLOCKS = 64;

    private final KnownBlocks blocks;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(STEP_BLOCKS * BLOCK_BYTES);
    private long next;

    public Scrub(KnownBlocks blocks) {
        this(blocks, 0);
    }

    /** @param from the block to begin with */
    public Scrub(KnownBlocks blocks, long from) {
        this.blocks = blocks;
        this.next = from;
    }

    /** The first block that was not looked at. */
    public long next() {
        return next;
    }

    /**
     * Looks at some blocks; what is neither in the file nor known is passed by. Nobody may change the file meanwhile.
     *
     * @param bad told of each block that differs
     * @return how many bytes were read, or -1 at the end
     */
    public int step(LongConsumer bad) throws IOException {
        ImageFile file = blocks.file();
        BlockSums sums = blocks.sums();
        long end = Math.max(blocks(file.length()), sums.end());
        if (next >= end) {
            return -1;
        }
        long data = next * BLOCK_BYTES >= file.length() ? Long.MAX_VALUE : blockAt(file.nextData(next * BLOCK_BYTES));
        next = Math.min(end, Math.max(next, Math.min(data, sums.next(next))));
        int count = (int) Math.min(STEP_BLOCKS, end - next);
        file.read(next * BLOCK_BYTES, chunk.clear().limit(count * BLOCK_BYTES));
        for (int i = 0; i < count; i++) {
            if (!blocks.isKnown(next + i, chunk.slice(i * BLOCK_BYTES, BLOCK_BYTES))) {
                bad.accept(next + i);
            }
        }
        next += count;
        return count * BLOCK_BYTES;
    }

    private long blockAt(long fileOffset) {
        return fileOffset >= blocks.file().length() ? Long.MAX_VALUE : fileOffset / BLOCK_BYTES;
    }

    private static long blocks(long lengthBytes) {
        return (lengthBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }
}
