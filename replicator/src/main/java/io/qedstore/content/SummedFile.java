package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file whose sums follow what is written to it. Changed by one thread at a time; the sums are not synced with it.
 *
 * <p>Blocks that a write covers are not read for it; of the others, what the file has after the write counts.
 */
public final class SummedFile implements ImageFile {
    private final ImageFile file;
    private final BlockSums sums;
    private final DigestAlgorithm algorithm;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final ByteBuffer read = ByteBuffer.allocateDirect(BLOCK_BYTES);

    /** @param sums of the file as it is, or of what redo is about to make of it */
    public SummedFile(ImageFile file, BlockSums sums, DigestAlgorithm algorithm) {
        this.file = file;
        this.sums = sums;
        this.algorithm = algorithm;
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        ByteBuffer bytes = source.duplicate();
        long end = fileOffset + bytes.remaining();
        file.write(fileOffset, source);
        for (long at = fileOffset; at < end; at = nextBlock(at)) {
            boolean whole = at % BLOCK_BYTES == 0 && end - at >= BLOCK_BYTES;
            if (whole) {
                bytes.get(bytes.limit() - (int) (end - at), block);
                sum(at / BLOCK_BYTES);
            } else {
                readAndSum(at / BLOCK_BYTES);
            }
        }
    }

    private static long nextBlock(long fileOffset) {
        return (fileOffset / BLOCK_BYTES + 1) * BLOCK_BYTES;
    }

    private void readAndSum(long number) throws IOException {
        file.read(number * BLOCK_BYTES, read.clear());
        read.flip().get(block);
        sum(number);
    }

    private void sum(long number) throws IOException {
        sums.set(number, BlockDigest.of(algorithm, number, block, 0));
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) throws IOException {
        file.zero(fileOffset, lengthBytes);
        zeroed(fileOffset, fileOffset + lengthBytes);
    }

    private void zeroed(long fileOffset, long end) throws IOException {
        if (fileOffset >= end) {
            return;
        }
        long firstWhole = (fileOffset + BLOCK_BYTES - 1) / BLOCK_BYTES;
        long endWhole = end / BLOCK_BYTES;
        if (fileOffset % BLOCK_BYTES != 0) {
            readAndSum(fileOffset / BLOCK_BYTES);
        }
        sums.clear(firstWhole, endWhole);
        if (end % BLOCK_BYTES != 0 && endWhole >= firstWhole) { // else it is the first one
            readAndSum(endWhole);
        }
    }

    @Override
    public void setLength(long lengthBytes) throws IOException {
        file.setLength(lengthBytes);
        zeroed(lengthBytes, sums.end() * BLOCK_BYTES); // also what a file had that was cut before a crash
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        file.read(fileOffset, target);
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public long nextData(long fileOffset) throws IOException {
        return file.nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        return file.nextHole(fileOffset);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
