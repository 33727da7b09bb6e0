package io.qedstore.nbd;

import io.qedstore.nbd.wire.ChunkType;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.DataInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads replies, chunks of several replies mixed with each other, and complains about whatever the protocol does not allow.
 * It knows only the protocol's numbers of the product's code, so that it is a check of that code.
 */
final class ReplyParser {
    private static final int FLAG_DONE = 1;

    private final ReplyForm form;
    private final Map<Long, Asked> asked = new LinkedHashMap<>();

    ReplyParser(ReplyForm form) {
        this.form = form;
    }

    /** A request whose reply is expected, and what came of it. */
    private static final class Asked {
        private final int command;
        private final long offset;
        private final long length;
        private final int dataBytes;
        private byte[] data = new byte[0];
        private final BitSet covered = new BitSet();
        private final List<WireReply.Piece> pieces = new ArrayList<>();
        private final Map<Integer, List<WireReply.Extent>> extents = new LinkedHashMap<>();
        private int error;
        private String text = "";

        Asked(int command, long offset, long length) {
            boolean read = command == NbdCommand.READ.code() && length >= 0 && length <= 64 << 20;
            this.command = command;
            this.offset = offset;
            this.length = length;
            this.dataBytes = read ? (int) length : 0;
        }

        /** Where the data go; there are none before the first arrive, for many may be on their way. */
        byte[] data() {
            if (data.length < dataBytes) {
                data = new byte[dataBytes];
            }
            return data;
        }

        WireReply whole(long cookie, boolean simple) {
            return new WireReply(cookie, simple, error, text, error == 0 ? data() : new byte[0], pieces, extents);
        }
    }

    /** Says what was asked, so that the reply can be understood. */
    void expect(long cookie, int command, long offset, long length) {
        if (asked.put(cookie, new Asked(command, offset, length)) != null) {
            throw new IllegalArgumentException("two requests under way have the cookie " + cookie);
        }
    }

    /** Requests that were not answered yet. */
    int outstanding() {
        return asked.size();
    }

    /** Takes the next header and what belongs to it; a reply if one is whole then. */
    @Nullable
    WireReply next(DataInput in) throws IOException {
        int magic = in.readInt();
        if (magic == Magic.SIMPLE_REPLY && form != ReplyForm.EXTENDED) {
            return simple(in);
        }
        int expected = form == ReplyForm.EXTENDED ? Magic.EXTENDED_REPLY : Magic.STRUCTURED_REPLY;
        require(form != ReplyForm.SIMPLE && magic == expected, "a reply starts with " + Integer.toHexString(magic));
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        Asked request = known(cookie);
        if (form == ReplyForm.EXTENDED) {
            long offset = in.readLong();
            require(offset == request.offset, "the chunk's offset " + offset + " is not the request's");
        }
        long length = form == ReplyForm.EXTENDED ? in.readLong() : in.readInt() & 0xffff_ffffL;
        require((flags & ~FLAG_DONE) == 0, "chunk flags " + flags);
        require(length >= 0 && length <= 64 << 20, "a chunk of " + length + " bytes");
        chunk(in, request, type, length);
        if ((flags & FLAG_DONE) == 0) {
            require(type != ChunkType.NONE, "an empty chunk that is not the last");
            return null;
        }
        asked.remove(cookie);
        if (request.error == 0) {
            requireComplete(request, type);
        }
        return request.whole(cookie, false);
    }

    private Asked known(long cookie) {
        Asked request = asked.get(cookie);
        if (request == null) {
            throw new AssertionError(
                    "a reply to " + Long.toHexString(cookie) + ", which nobody asked or which has its reply");
        }
        return request;
    }

    private WireReply simple(DataInput in) throws IOException {
        int error = in.readInt();
        long cookie = in.readLong();
        Asked request = known(cookie);
        asked.remove(cookie);
        boolean read = request.command == NbdCommand.READ.code();
        require(!read || form == ReplyForm.SIMPLE, "a read answered simply after chunks were agreed on");
        require(request.command != NbdCommand.BLOCK_STATUS.code() || error != 0, "a block status without chunks");
        request.error = error;
        if (read && error == 0) {
            in.readFully(request.data());
        }
        return request.whole(cookie, true);
    }

    private void chunk(DataInput in, Asked request, int type, long length) throws IOException {
        switch (type) {
            case ChunkType.NONE -> require(length == 0, "an empty chunk with " + length + " bytes");
            case ChunkType.OFFSET_DATA -> {
                require(length > 8, "a data chunk of " + length + " bytes");
                in.readFully(request.data(), cover(request, in.readLong(), length - 8, false), (int) length - 8);
            }
            case ChunkType.OFFSET_HOLE -> {
                require(length == 12, "a hole chunk of " + length + " bytes");
                cover(request, in.readLong(), in.readInt() & 0xffff_ffffL, true);
            }
            case ChunkType.BLOCK_STATUS -> {
                require(form == ReplyForm.STRUCTURED && length >= 12 && length % 8 == 4, "a status of " + length);
                List<WireReply.Extent> extents = extentsOf(request, in.readInt());
                for (long left = length - 4; left > 0; left -= 8) {
                    extents.add(new WireReply.Extent(in.readInt() & 0xffff_ffffL, in.readInt() & 0xffff_ffffL));
                }
            }
            case ChunkType.BLOCK_STATUS_EXT -> {
                require(form == ReplyForm.EXTENDED, "an extended status in a structured reply");
                List<WireReply.Extent> extents = extentsOf(request, in.readInt());
                int count = in.readInt();
                require(length == 8 + 16L * count && count > 0, count + " extents in " + length + " bytes");
                for (int i = 0; i < count; i++) {
                    extents.add(new WireReply.Extent(in.readLong(), in.readLong()));
                }
            }
            case ChunkType.ERROR, ChunkType.ERROR_OFFSET -> {
                require(request.error == 0, "a second error chunk");
                request.error = in.readInt();
                require(request.error != 0, "an error chunk without error");
                byte[] text = new byte[in.readUnsignedShort()];
                in.readFully(text);
                request.text = new String(text, StandardCharsets.UTF_8);
                int rest = type == ChunkType.ERROR_OFFSET ? 8 : 0;
                require(length == 6 + text.length + rest, "an error chunk of " + length + " bytes");
                in.skipBytes(rest);
            }
            default -> throw new AssertionError("a chunk of type " + type);
        }
    }

    private static List<WireReply.Extent> extentsOf(Asked request, int context) {
        require(request.command == NbdCommand.BLOCK_STATUS.code(), "a status that nobody asked for");
        List<WireReply.Extent> extents = new ArrayList<>();
        require(request.extents.put(context, extents) == null, "a second chunk for context " + context);
        return extents;
    }

    /** Notes a piece of a read; gives its place in the data. */
    private static int cover(Asked request, long offset, long length, boolean hole) {
        long from = offset - request.offset;
        require(length > 0 && from >= 0 && from + length <= request.dataBytes, "a piece outside of the request");
        int again = request.covered.nextSetBit((int) from);
        require(again < 0 || again >= from + length, "byte " + again + " came twice");
        request.covered.set((int) from, (int) (from + length));
        request.pieces.add(new WireReply.Piece(offset, length, hole));
        return (int) from;
    }

    private static void requireComplete(Asked request, int lastType) {
        int missing = request.covered.nextClearBit(0);
        require(missing >= request.dataBytes, "byte " + missing + " of the read never came");
        boolean status = request.command == NbdCommand.BLOCK_STATUS.code();
        require(
                !status || !request.extents.isEmpty(),
                "a block status without extents, ended by a chunk of " + lastType);
        for (List<WireReply.Extent> extents : request.extents.values()) {
            long sum = 0;
            for (WireReply.Extent extent : extents) {
                require(extent.lengthBytes() > 0, "an empty extent");
                require(request.length == 0 || sum < request.length, "an extent behind the end of the request");
                sum += extent.lengthBytes();
            }
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
