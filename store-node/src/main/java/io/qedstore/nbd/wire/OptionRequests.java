package io.qedstore.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Puts the client's half of the handshake into buffers. */
public final class OptionRequests {
    private OptionRequests() {}

    /** An option without data. */
    public static void plain(ByteBuf out, NbdOption option) {
        header(out, option, 0);
    }

    /** @param queries full names of contexts */
    public static void setMetaContexts(ByteBuf out, String exportName, List<String> queries) {
        byte[] name = OptionReplies.text(exportName);
        int length = 2 * Integer.BYTES + name.length;
        for (String query : queries) {
            length += Integer.BYTES + query.length();
        }
        header(out, NbdOption.SET_META_CONTEXT, length);
        out.writeInt(name.length).writeBytes(name).writeInt(queries.size());
        for (String query : queries) {
            out.writeInt(query.length()).writeBytes(query.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** @param infoTypes of {@link InfoType} */
    public static void go(ByteBuf out, String exportName, List<Integer> infoTypes) {
        byte[] name = OptionReplies.text(exportName);
        header(out, NbdOption.GO, Integer.BYTES + name.length + Short.BYTES * (1 + infoTypes.size()));
        out.writeInt(name.length).writeBytes(name).writeShort(infoTypes.size());
        infoTypes.forEach(out::writeShort);
    }

    private static void header(ByteBuf out, NbdOption option, int lengthBytes) {
        out.writeLong(Magic.IHAVEOPT).writeInt(option.code()).writeInt(lengthBytes);
    }
}
