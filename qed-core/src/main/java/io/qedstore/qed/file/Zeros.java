package io.qedstore.qed.file;

import java.nio.ByteBuffer;

/** Zero bytes. */
public final class Zeros {
    private static final int PIECE_BYTES = 4096;
    private static final ByteBuffer PIECE =
            ByteBuffer.allocateDirect(PIECE_BYTES).asReadOnlyBuffer();

    private Zeros() {}

    /** Whether all that remains of a buffer is zeros; its position stays. */
    public static boolean areAll(ByteBuffer bytes) {
        for (int at = bytes.position(); at < bytes.limit(); at += PIECE_BYTES) {
            int count = Math.min(PIECE_BYTES, bytes.limit() - at);
            if (!bytes.slice(at, count).equals(PIECE.slice(0, count))) {
                return false;
            }
        }
        return true;
    }

    /** Fills what remains of a buffer; its position goes to its limit. */
    public static void fill(ByteBuffer target) {
        while (target.remaining() >= Long.BYTES) {
            target.putLong(0);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }
}
