package io.qedstore.qed.file;

import java.nio.ByteBuffer;

/** Zero bytes. */
public final class Zeros {
    private Zeros() {}

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
