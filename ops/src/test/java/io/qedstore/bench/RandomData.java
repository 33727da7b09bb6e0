package io.qedstore.bench;

import java.nio.ByteBuffer;
import java.util.Random;

/** Pieces of one size, outside the heap as a guest's data is; one after another of a few, so that they are not copied here. */
final class RandomData {
    static final int ALL_BYTES = 16 << 20;
    private static final long SEED = 17;

    private final ByteBuffer all;
    private final int pieceBytes;
    private int at;

    RandomData(int pieceBytes) {
        this.pieceBytes = pieceBytes;
        all = ByteBuffer.allocateDirect(ALL_BYTES);
        all.put(bytes(ALL_BYTES));
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }

    int pieceBytes() {
        return pieceBytes;
    }

    /** Called by one thread. */
    ByteBuffer next() {
        ByteBuffer piece = all.slice(at, pieceBytes);
        at = (at + pieceBytes) % ALL_BYTES;
        return piece;
    }
}
