package io.qedstore.qed.fuzz;

import java.util.Arrays;

/** Bytes that are read as choices, front to back. Where they end, every further choice is 0. */
public final class FuzzInput {
    private final byte[] bytes;
    private int position;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean isExhausted() {
        return position >= bytes.length;
    }

    /** 0 to 255. */
    public int u8() {
        return isExhausted() ? 0 : bytes[position++] & 0xff;
    }

    public int u16() {
        return u8() | u8() << 8;
    }

    public int i32() {
        return u16() | u16() << 16;
    }

    public long i64() {
        return (i32() & 0xffff_ffffL) | (long) i32() << 32;
    }

    public boolean oneIn(int chances) {
        return u8() >= 256 - 256 / chances;
    }

    /** So many bytes; fewer where they end. */
    public byte[] bytes(int count) {
        byte[] found = Arrays.copyOfRange(bytes, position, Math.min(bytes.length, position + count));
        position += found.length;
        return found;
    }

    /** All bytes that are left. */
    public byte[] rest() {
        byte[] rest = new byte[Math.max(0, bytes.length - position)];
        System.arraycopy(bytes, position, rest, 0, rest.length);
        position = bytes.length;
        return rest;
    }
}
