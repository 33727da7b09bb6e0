package io.qedstore.qed.fuzz;

/** Bytes that are read as choices, front to back. Where they end, every further choice is 0. */
final class FuzzInput {
    private final byte[] bytes;
    private int position;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isExhausted() {
        return position >= bytes.length;
    }

    /** 0 to 255. */
    int u8() {
        return isExhausted() ? 0 : bytes[position++] & 0xff;
    }

    int u16() {
        return u8() | u8() << 8;
    }

    int i32() {
        return u16() | u16() << 16;
    }

    long i64() {
        return (i32() & 0xffff_ffffL) | (long) i32() << 32;
    }

    boolean oneIn(int chances) {
        return u8() >= 256 - 256 / chances;
    }

    /** All bytes that are left. */
    byte[] rest() {
        byte[] rest = new byte[Math.max(0, bytes.length - position)];
        System.arraycopy(bytes, position, rest, 0, rest.length);
        position = bytes.length;
        return rest;
    }
}
