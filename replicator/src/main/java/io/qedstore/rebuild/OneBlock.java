package io.qedstore.rebuild;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.content.BlockDigest;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * A file of which one block is kept, until it is what is wanted; whatever is written elsewhere is forgotten. One thread.
 */
final class OneBlock implements ImageFile {
    private final long first;
    private final DigestAlgorithm algorithm;
    private final Digest wanted;
    private final byte[] block;
    private boolean isFound;
    private long length;

    /** @param block what it is at the beginning */
    OneBlock(long number, byte[] block, DigestAlgorithm algorithm, Digest wanted) {
        this.block = block.clone();
        this.first = number * BLOCK_BYTES;
        this.algorithm = algorithm;
        this.wanted = wanted;
        changed();
    }

    /** The block, if it has been what is wanted. */
    Optional<byte[]> found() {
        return isFound ? Optional.of(block.clone()) : Optional.empty();
    }

    private void changed() {
        isFound = BlockDigest.of(algorithm, first / BLOCK_BYTES, ByteBuffer.wrap(block))
                .equals(wanted);
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) {
        long end = fileOffset + source.remaining();
        long from = Math.max(fileOffset, first);
        long to = Math.min(end, first + BLOCK_BYTES);
        if (from < to && !isFound) {
            source.get(source.position() + (int) (from - fileOffset), block, (int) (from - first), (int) (to - from));
            changed();
        }
        source.position(source.limit());
        length = Math.max(length, end);
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) {
        clear(fileOffset, fileOffset + lengthBytes);
        length = Math.max(length, fileOffset + lengthBytes);
    }

    private void clear(long start, long end) {
        long from = Math.max(start, first);
        long to = Math.min(end, first + BLOCK_BYTES);
        if (from < to && !isFound) {
            Arrays.fill(block, (int) (from - first), (int) (to - first), (byte) 0);
            changed();
        }
    }

    @Override
    public void setLength(long lengthBytes) {
        clear(lengthBytes, Long.MAX_VALUE);
        length = lengthBytes;
    }

    @Override
    public void sync() {}

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        throw new IOException("changes look at nothing, and this file has hardly anything");
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long nextData(long fileOffset) {
        return Math.min(fileOffset, length);
    }

    @Override
    public long nextHole(long fileOffset) {
        return length;
    }

    @Override
    public void close() {}
}
