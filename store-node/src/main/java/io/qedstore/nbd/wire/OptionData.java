package io.qedstore.nbd.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the data of options. Every length is compared with what is there before it is believed. */
public final class OptionData {
    private OptionData() {}

    /**
     * Data of INFO and GO.
     *
     * @param exportName empty for the default export
     * @param infoTypes that were asked for, known or not
     */
    public record ExportInfoRequest(String exportName, Set<Integer> infoTypes) {}

    /**
     * Data of LIST_META_CONTEXT and SET_META_CONTEXT.
     *
     * @param exportName empty for the default export
     */
    public record MetaContextRequest(String exportName, List<String> queries) {}

    /** A name that is all of an option's data, as EXPORT_NAME has it. */
    public static String name(ByteBuf data) throws MalformedOptionException {
        return string(data, data.readableBytes(), "export name");
    }

    /** {@code u32 name length, name, u16 n, n x u16 type}; nothing may remain. */
    public static ExportInfoRequest exportInfo(ByteBuf data) throws MalformedOptionException {
        String name = prefixedString(data, "export name");
        int count = data.readableBytes() < Short.BYTES ? -1 : data.readUnsignedShort();
        if (count < 0 || data.readableBytes() != count * Short.BYTES) {
            throw new MalformedOptionException("after the export name, the list of information requests should fill the"
                    + " option; it says " + count + " of them in " + data.readableBytes() + " bytes");
        }
        Set<Integer> types = new HashSet<>();
        for (int i = 0; i < count; i++) {
            types.add(data.readUnsignedShort());
        }
        return new ExportInfoRequest(name, types);
    }

    /** {@code u32 name length, name, u32 n, n x (u32 length, query)}; nothing may remain. */
    public static MetaContextRequest metaContexts(ByteBuf data) throws MalformedOptionException {
        String name = prefixedString(data, "export name");
        if (data.readableBytes() < Integer.BYTES) {
            throw new MalformedOptionException("the number of queries is missing after the export name");
        }
        long count = data.readUnsignedInt();
        if (count > data.readableBytes() / Integer.BYTES) {
            throw new MalformedOptionException(
                    count + " queries do not fit into the " + data.readableBytes() + " bytes that follow");
        }
        List<String> queries = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            queries.add(prefixedString(data, "query"));
        }
        requireEmpty(data);
        return new MetaContextRequest(name, queries);
    }

    /** @throws MalformedOptionException if anything is left */
    public static void requireEmpty(ByteBuf data) throws MalformedOptionException {
        if (data.isReadable()) {
            throw new MalformedOptionException(data.readableBytes() + " bytes too many in the option, expected none");
        }
    }

    private static String prefixedString(ByteBuf data, String what) throws MalformedOptionException {
        long length = data.readableBytes() < Integer.BYTES ? Long.MAX_VALUE : data.readUnsignedInt();
        if (length > data.readableBytes()) {
            throw new MalformedOptionException("the " + what + " runs past the end of the option");
        }
        return string(data, (int) length, what);
    }

    private static String string(ByteBuf data, int length, String what) throws MalformedOptionException {
        if (length > NbdLimits.MAX_STRING_BYTES) {
            throw new MalformedOptionException(
                    "the " + what + " has " + length + " bytes, expected at most " + NbdLimits.MAX_STRING_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        data.readBytes(bytes);
        bytes.flip();
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedOptionException("the " + what + " is not UTF-8");
        }
        if (text.indexOf('\0') >= 0) {
            throw new MalformedOptionException("the " + what + " holds a NUL");
        }
        return text;
    }
}
