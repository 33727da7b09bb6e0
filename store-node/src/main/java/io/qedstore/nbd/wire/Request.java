package io.qedstore.nbd.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The header of a request as it came, unchecked.
 *
 * <pre>
 * compact  (28 bytes): u32 magic, u16 flags, u16 command, u64 cookie, u64 offset, u32 length
 * extended (32 bytes): u32 magic, u16 flags, u16 command, u64 cookie, u64 offset, u64 length
 * </pre>
 *
 * @param flags of {@link CommandFlags}
 * @param commandCode of {@link NbdCommand}, if it is one
 * @param cookie what the client knows the request by; it goes back as it came
 * @param offset unsigned
 * @param length unsigned; of the effect or of a payload
 */
public record Request(int flags, int commandCode, long cookie, long offset, long length) {
    public static final int COMPACT_BYTES = 28;
    public static final int EXTENDED_BYTES = 32;

    /**
     * Reads a header.
     *
     * @param in has at least as many bytes as a header of this kind
     * @return null if it does not start with the magic number
     */
    public static @Nullable Request read(ByteBuf in, boolean extended) {
        if (in.readInt() != (extended ? Magic.EXTENDED_REQUEST : Magic.REQUEST)) {
            return null;
        }
        int flags = in.readUnsignedShort();
        int command = in.readUnsignedShort();
        long cookie = in.readLong();
        long offset = in.readLong();
        return new Request(flags, command, cookie, offset, extended ? in.readLong() : in.readUnsignedInt());
    }

    /** Writes the header as a client does. */
    public void write(ByteBuf out, boolean extended) {
        out.writeInt(extended ? Magic.EXTENDED_REQUEST : Magic.REQUEST)
                .writeShort(flags)
                .writeShort(commandCode)
                .writeLong(cookie)
                .writeLong(offset);
        if (extended) {
            out.writeLong(length);
        } else {
            out.writeInt(Math.toIntExact(length));
        }
    }

    public @Nullable NbdCommand command() {
        return NbdCommand.of(commandCode);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
