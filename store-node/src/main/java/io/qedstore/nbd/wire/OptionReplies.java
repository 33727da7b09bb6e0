package io.qedstore.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts the server's half of the handshake into buffers. */
public final class OptionReplies {
    /** Bytes of zeros after the reply to EXPORT_NAME, for clients that did not decline them. */
    private static final int EXPORT_NAME_ZEROES = 124;

    private OptionReplies() {}

    /** The server's first 18 bytes. */
    public static void greeting(ByteBuf out) {
        out.writeLong(Magic.NBDMAGIC).writeLong(Magic.IHAVEOPT).writeShort(HandshakeFlags.ALL);
    }

    /** The only reply without a header: that to EXPORT_NAME. */
    public static void exportNameReply(ByteBuf out, long sizeBytes, int transmissionFlags, boolean noZeroes) {
        out.writeLong(sizeBytes).writeShort(transmissionFlags);
        if (!noZeroes) {
            out.writeZero(EXPORT_NAME_ZEROES);
        }
    }

    public static void ack(ByteBuf out, int option) {
        header(out, option, OptionReplyType.ACK, 0);
    }

    /** @param text for people; what is too long for the protocol is cut off */
    public static void error(ByteBuf out, int option, OptionReplyType type, String text) {
        byte[] bytes = text(text);
        header(out, option, type, bytes.length);
        out.writeBytes(bytes);
    }

    /** One export of a list. */
    public static void server(ByteBuf out, int option, String name, String description) {
        byte[] nameBytes = text(name);
        byte[] descriptionBytes = text(description);
        header(out, option, OptionReplyType.SERVER, Integer.BYTES + nameBytes.length + descriptionBytes.length);
        out.writeInt(nameBytes.length).writeBytes(nameBytes).writeBytes(descriptionBytes);
    }

    public static void exportInfo(ByteBuf out, int option, long sizeBytes, int transmissionFlags) {
        header(out, option, OptionReplyType.INFO, Short.BYTES + Long.BYTES + Short.BYTES);
        out.writeShort(InfoType.EXPORT).writeLong(sizeBytes).writeShort(transmissionFlags);
    }

    public static void blockSizeInfo(ByteBuf out, int option, int minimum, int preferred, int maximumPayload) {
        header(out, option, OptionReplyType.INFO, Short.BYTES + 3 * Integer.BYTES);
        out.writeShort(InfoType.BLOCK_SIZE)
                .writeInt(minimum)
                .writeInt(preferred)
                .writeInt(maximumPayload);
    }

    /** @param infoType {@link InfoType#NAME} or {@link InfoType#DESCRIPTION} */
    public static void textInfo(ByteBuf out, int option, int infoType, String text) {
        byte[] bytes = text(text);
        header(out, option, OptionReplyType.INFO, Short.BYTES + bytes.length);
        out.writeShort(infoType).writeBytes(bytes);
    }

    public static void metaContext(ByteBuf out, int option, int contextId, String name) {
        byte[] bytes = text(name);
        header(out, option, OptionReplyType.META_CONTEXT, Integer.BYTES + bytes.length);
        out.writeInt(contextId).writeBytes(bytes);
    }

    private static void header(ByteBuf out, int option, OptionReplyType type, int lengthBytes) {
        out.writeLong(Magic.OPTION_REPLY).writeInt(option).writeInt(type.code()).writeInt(lengthBytes);
    }

    /** The text's bytes, cut to what the protocol allows. */
    static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= NbdLimits.MAX_STRING_BYTES) {
            return bytes;
        }
        int end = NbdLimits.MAX_STRING_BYTES;
        while ((bytes[end] & 0xc0) == 0x80) {
            end--; // not in the middle of a character
        }
        return Arrays.copyOf(bytes, end);
    }
}
