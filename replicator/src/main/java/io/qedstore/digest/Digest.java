package io.qedstore.digest;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * 128 bits that stand for bytes.
 *
 * @param high the first eight bytes, big-endian
 * @param low the last eight
 */
public record Digest(long high, long low) {
    public static final int BYTES = 16;

    /** Stands for nothing: what the first event of an image has before it. */
    public static final Digest NONE = new Digest(0, 0);

    /** Reads the next 16 bytes. */
    public static Digest read(ByteBuffer from) {
        return new Digest(from.getLong(), from.getLong());
    }

    public void write(ByteBuffer to) {
        to.putLong(high).putLong(low);
    }

    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        write(bytes);
        return bytes.array();
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
