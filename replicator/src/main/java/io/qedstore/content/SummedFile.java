package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * A file whose sums follow what is written to it. Changed by one thread at a time; the sums are not synced with it.
 *
 * <p>Blocks that a write covers are not read for it. Of the others the rest is what the file has: it is looked at first, and
 * restored if it is not what is known, so that no damage is ever taken over into the sums.
 */
public final class SummedFile implements ImageFile {
    private final ImageFile file;
    private final BlockSums sums;
    private final KnownBlocks blocks;
    private final BooleanSupplier isWhole;
    private final byte[] block = new byte[BLOCK_BYTES];

    /**
     * @param blocks of the file as it is, or of what redo is about to make of it
     * @param isWhole whether the file is as it is known; in the middle of redo it is not
     */
    public SummedFile(KnownBlocks blocks, BooleanSupplier isWhole) {
        this.file = blocks.file();
        this.sums = blocks.sums();
        this.blocks = blocks;
        this.isWhole = isWhole;
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        ByteBuffer bytes = source.duplicate();
        long end = fileOffset + bytes.remaining();
        for (long at = fileOffset; at < end; ) {
            int from = (int) (at % BLOCK_BYTES);
            int count = (int) Math.min(BLOCK_BYTES - from, end - at);
            if (count < BLOCK_BYTES) {
                readBlock(at / BLOCK_BYTES);
            }
            bytes.get(block, from, count);
            sum(at / BLOCK_BYTES);
            at += count;
        }
        file.write(fileOffset, source);
        sums.reaches(end);
    }

    /** As it is known. */
    private void readBlock(long number) throws IOException {
        file.read(number * BLOCK_BYTES, ByteBuffer.wrap(block));
        if (isWhole.getAsBoolean() && !blocks.isKnown(number, block)) {
            byte[] found = blocks.find(number, sums.get(number));
            blocks.restore(number, found);
            System.arraycopy(found, 0, block, 0, BLOCK_BYTES);
        }
    }

    private void sum(long number) throws IOException {
        sums.set(number, blocks.digest(number, block));
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) throws IOException {
        zeroed(fileOffset, fileOffset + lengthBytes);
        file.zero(fileOffset, lengthBytes);
        sums.reaches(fileOffset + lengthBytes);
    }

    private void zeroed(long fileOffset, long end) throws IOException {
        if (fileOffset >= end) {
            return;
        }
        long first = fileOffset / BLOCK_BYTES;
        long last = (end - 1) / BLOCK_BYTES;
        int from = (int) (fileOffset % BLOCK_BYTES);
        int to = (int) (end - last * BLOCK_BYTES);
        if (first == last) {
            zeroedIn(first, from, to);
            return;
        }
        zeroedIn(first, from, BLOCK_BYTES);
        sums.clear(first + 1, last);
        zeroedIn(last, 0, to);
    }

    private void zeroedIn(long number, int from, int to) throws IOException {
        if (to - from == BLOCK_BYTES) {
            sums.clear(number, number + 1);
            return;
        }
        readBlock(number);
        Arrays.fill(block, from, to, (byte) 0);
        sum(number);
    }

    @Override
    public void setLength(long lengthBytes) throws IOException {
        zeroed(lengthBytes, sums.end() * BLOCK_BYTES); // also what a file had that was cut before a crash
        file.setLength(lengthBytes);
        sums.endsAt(lengthBytes);
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
