package io.qedstore.qed.copy;

import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Compares two files, or what is read as two, byte by byte, and counts the blocks of 4 KiB that differ. Holes are passed by. */
public final class FileComparison {
    public static final int BLOCK_BYTES = 4096;

    private static final int BUFFER_BYTES = 1 << 20;

    private final FileView one;
    private final FileView other;
    private final CopyProgress progress;
    private final ByteBuffer ofOne = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer ofOther = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long first = Long.MAX_VALUE;
    private long blocks;

    private FileComparison(FileView one, FileView other, CopyProgress progress) {
        this.one = one;
        this.other = other;
        this.progress = progress;
    }

    /**
     * How two files differ. What only the longer one has is a difference, whatever it is.
     *
     * @param firstOffset of the first byte that differs
     * @param blocks how many blocks differ
     */
    public record Difference(long firstOffset, long blocks) {}

    /** Empty if they are the same, length and all. */
    public static Optional<Difference> compare(FileView one, FileView other, CopyProgress progress) throws IOException {
        FileComparison comparison = new FileComparison(one, other, progress);
        comparison.run();
        return comparison.blocks == 0
                ? Optional.empty()
                : Optional.of(new Difference(comparison.first, comparison.blocks));
    }

    private void run() throws IOException {
        long common = Math.min(one.length(), other.length());
        long longer = Math.max(one.length(), other.length());
        for (long at = nextData(0); at < common; at = nextData(at)) {
            at = at / BLOCK_BYTES * BLOCK_BYTES;
            int length = (int) Math.min(BUFFER_BYTES, common - at);
            one.read(at, ofOne.clear().limit(length));
            other.read(at, ofOther.clear().limit(length));
            compare(at, ofOne.flip(), ofOther.flip());
            at += length;
            progress.at(at, longer);
        }
        if (common < longer) {
            first = Math.min(first, common);
            long last = (longer - 1) / BLOCK_BYTES;
            boolean isCounted = common % BLOCK_BYTES != 0 && differs(common / BLOCK_BYTES, common);
            blocks += last - common / BLOCK_BYTES + (isCounted ? 0 : 1);
        }
    }

    private long nextData(long at) throws IOException {
        long ofFirst = at < one.length() ? one.nextData(at) : Long.MAX_VALUE;
        return Math.min(ofFirst, at < other.length() ? other.nextData(at) : Long.MAX_VALUE);
    }

    /** Whether the block in which the shorter file ends was counted already. */
    private boolean differs(long block, long common) throws IOException {
        int length = (int) (common - block * BLOCK_BYTES);
        one.read(block * BLOCK_BYTES, ofOne.clear().limit(length));
        other.read(block * BLOCK_BYTES, ofOther.clear().limit(length));
        return ofOne.flip().mismatch(ofOther.flip()) >= 0;
    }

    private void compare(long at, ByteBuffer bytes, ByteBuffer others) {
        int mismatch = bytes.mismatch(others);
        if (mismatch < 0) {
            return;
        }
        first = Math.min(first, at + mismatch);
        for (int block = mismatch / BLOCK_BYTES * BLOCK_BYTES; block < bytes.limit(); block += BLOCK_BYTES) {
            int length = Math.min(BLOCK_BYTES, bytes.limit() - block);
            if (bytes.slice(block, length).mismatch(others.slice(block, length)) >= 0) {
                blocks++;
            }
        }
    }
}
