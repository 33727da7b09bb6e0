package io.qedstore.content;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.digest.Digest;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file of which nothing is read that is not known to be right. Blocks are read whole for that, and no stretch of the file is
 * sent unseen.
 */
public final class VerifiedView implements FileView {
    private final FileView file;
    private final KnownBlocks blocks;

    public VerifiedView(KnownBlocks blocks) {
        this.file = blocks.file();
        this.blocks = blocks;
    }

    /**
     * {@inheritDoc}
     *
     * @throws DifferingBlockException if it differs; the target means nothing then
     */
    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        long end = fileOffset + target.remaining();
        for (long at = fileOffset; at < end; ) {
            int from = (int) (at % BLOCK_BYTES);
            long whole = from == 0 ? (end - at) / BLOCK_BYTES * BLOCK_BYTES : 0;
            if (whole > 0) {
                readWhole(at, target.slice(target.position(), (int) whole));
                target.position(target.position() + (int) whole);
                at += whole;
            } else {
                byte[] block = blocks.read(at / BLOCK_BYTES);
                requireKnown(at - from, ByteBuffer.wrap(block));
                int count = (int) Math.min(BLOCK_BYTES - from, end - at);
                target.put(block, from, count);
                at += count;
            }
        }
    }

    private void readWhole(long fileOffset, ByteBuffer target) throws IOException {
        file.read(fileOffset, target.duplicate());
        requireKnown(fileOffset, target);
    }

    private void requireKnown(long fileOffset, ByteBuffer read) throws IOException {
        for (int at = 0; at < read.limit(); at += BLOCK_BYTES) {
            long block = (fileOffset + at) / BLOCK_BYTES;
            if (!blocks.isKnown(block, read.slice(at, BLOCK_BYTES))) {
                throw new DifferingBlockException(block);
            }
        }
    }

    /** Where whole blocks are asked for; what differs is not in memory. */
    @Override
    public boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        if (fileOffset % BLOCK_BYTES != 0 || target.remaining() % BLOCK_BYTES != 0) {
            return false;
        }
        ByteBuffer read = target.slice();
        if (!file.readIfCached(fileOffset, target)) {
            return false;
        }
        for (int at = 0; at < read.limit(); at += BLOCK_BYTES) {
            if (!blocks.isKnown((fileOffset + at) / BLOCK_BYTES, read.slice(at, BLOCK_BYTES))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long length() {
        return file.length();
    }

    /** Where there should be data is some, even if the file has lost it. */
    @Override
    public long nextData(long fileOffset) throws IOException {
        long known = blocks.sums().nextData(fileOffset / BLOCK_BYTES);
        long inFile = file.nextData(fileOffset);
        return known == Long.MAX_VALUE ? inFile : Math.min(inFile, Math.max(fileOffset, known * BLOCK_BYTES));
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        long block = fileOffset / BLOCK_BYTES;
        long inFile = file.nextHole(fileOffset);
        return blocks.sums().get(block).equals(Digest.NONE)
                ? inFile
                : Math.max(inFile, Math.min(file.length(), (block + 1) * BLOCK_BYTES));
    }

    @Override
    public boolean isCached(long fileOffset, long lengthBytes) throws IOException {
        return file.isCached(fileOffset, lengthBytes);
    }

    @Override
    public void prefetch(long fileOffset, long lengthBytes) throws IOException {
        file.prefetch(fileOffset, lengthBytes);
    }
}
