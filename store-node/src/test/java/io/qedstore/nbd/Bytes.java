package io.qedstore.nbd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts bytes together, big-endian, as the protocol has them. */
final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes u8(int value) {
        out.write(value);
        return this;
    }

    Bytes u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    Bytes u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    Bytes u64(long value) {
        return u32(value >>> 32).u32(value);
    }

    Bytes put(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Bytes text(String text) {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A length of 32 bits and then the text. */
    Bytes sized(String text) {
        return u32(text.getBytes(StandardCharsets.UTF_8).length).text(text);
    }

    byte[] array() {
        return out.toByteArray();
    }

    /** Bytes that differ from their neighbours and from those of other seeds. */
    static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (seed * 31 + i * 7L + (i >>> 8) + 1 | 1);
        }
        return bytes;
    }
}
