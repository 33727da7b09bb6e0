package io.qedstore.rebuild;

import static io.qedstore.content.BlockDigest.BLOCK_BYTES;

import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.TreeMap;

/** A file of which only some blocks are kept, in memory; whatever is written elsewhere is forgotten. One thread. */
final class SomeBlocks implements ImageFile {
    private final TreeMap<Long, byte[]> blocks = new TreeMap<>();
    private long length;

    SomeBlocks(Collection<Long> wanted) {
        wanted.forEach(number -> blocks.put(number, new byte[BLOCK_BYTES]));
    }

    /** What the block has become; it must be one of those that are kept. */
    byte[] block(long number) {
        byte[] block = blocks.get(number);
        if (block == null) {
            throw new IllegalArgumentException("block " + number + " is not kept");
        }
        return block.clone();
    }

    /** Part of a kept block that an operation reaches. */
    @FunctionalInterface
    private interface Part {
        /** @param inOperation how far from the operation's first byte */
        void in(byte[] block, int from, int end, long inOperation);
    }

    private void reach(long fileOffset, long end, Part part) {
        if (fileOffset >= end) {
            return;
        }
        blocks.subMap(fileOffset / BLOCK_BYTES, true, (end - 1) / BLOCK_BYTES, true)
                .forEach((number, block) -> {
                    long first = number * BLOCK_BYTES;
                    int from = (int) Math.max(0, fileOffset - first);
                    int to = (int) Math.min(BLOCK_BYTES, end - first);
                    part.in(block, from, to, first + from - fileOffset);
                });
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) {
        int start = source.position();
        long end = fileOffset + source.remaining();
        reach(fileOffset, end, (block, from, to, at) -> source.get(start + (int) at, block, from, to - from));
        source.position(source.limit());
        length = Math.max(length, end);
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) {
        long end = fileOffset + lengthBytes;
        reach(fileOffset, end, (block, from, to, at) -> Arrays.fill(block, from, to, (byte) 0));
        length = Math.max(length, end);
    }

    @Override
    public void setLength(long lengthBytes) {
        reach(lengthBytes, length, (block, from, to, at) -> Arrays.fill(block, from, to, (byte) 0));
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
