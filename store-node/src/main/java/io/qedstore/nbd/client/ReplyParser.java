package io.qedstore.nbd.client;

import io.netty.buffer.ByteBuf;
import io.qedstore.nbd.wire.ChunkType;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads replies of the extended form as they come: data goes where it belongs piece by piece, everything else is looked at once it
 * is whole, and is not larger than it may be. Used by the connection's event loop.
 */
final class ReplyParser {
    private static final int HEADER_BYTES = 32;
    private static final int HOLE_BYTES = Long.BYTES + Integer.BYTES;
    private static final int MIN_ERROR_BYTES = Integer.BYTES + Short.BYTES;
    private static final int MAX_ERROR_BYTES = MIN_ERROR_BYTES + NbdLimits.MAX_STRING_BYTES + Long.BYTES;

    /** As many extents as our server puts into one. */
    private static final int MAX_STATUS_BYTES = 2 * Integer.BYTES + ((2 * Long.BYTES) << 14);

    private static final int ERROR_BIT = 1 << 15;

    private final LongFunction<@Nullable Outstanding> asked;
    private final Ended ended;

    private @Nullable Chunk chunk;

    /** Where the data of the chunk that is being received goes; null if they are not looked at yet. */
    private @Nullable ByteBuffer data;

    /** Takes requests that were answered. */
    interface Ended {
        /** @param failure null if it succeeded */
        void ended(long cookie, @Nullable IOException failure) throws ServerBreachException;
    }

    private record Chunk(int flags, int type, long cookie, long length) {}

    /**
     * @param asked the request that has a cookie; null if none has
     * @param ended told of each request's end
     */
    ReplyParser(LongFunction<@Nullable Outstanding> asked, Ended ended) {
        this.asked = asked;
        this.ended = ended;
    }

    /** Takes as much as it can; what is left has to be there again next time. */
    void take(ByteBuf in) throws ServerBreachException {
        boolean goesOn = true;
        while (goesOn) {
            Chunk current = chunk;
            if (current == null) {
                goesOn = header(in);
            } else if (data != null) {
                goesOn = data(current, in, data);
            } else {
                goesOn = payload(current, in);
            }
        }
    }

    private boolean header(ByteBuf in) throws ServerBreachException {
        if (in.readableBytes() < HEADER_BYTES) {
            return false;
        }
        int magic = in.readInt();
        if (magic != Magic.EXTENDED_REPLY) {
            throw new ServerBreachException(String.format("a reply begins with 0x%08x", magic));
        }
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        in.skipBytes(Long.BYTES); // the request's offset, which it need not repeat rightly
        Chunk begun = new Chunk(flags, type, cookie, in.readLong());
        requirePossible(begun);
        chunk = begun;
        return true;
    }

    private void requirePossible(Chunk begun) throws ServerBreachException {
        long least;
        long most;
        if ((begun.type() & ERROR_BIT) != 0) {
            least = MIN_ERROR_BYTES;
            most = MAX_ERROR_BYTES;
        } else {
            switch (begun.type()) {
                case ChunkType.NONE -> least = most = 0;
                case ChunkType.OFFSET_DATA -> {
                    least = Long.BYTES + 1L;
                    most = Long.BYTES + (long) NbdLimits.MAX_PAYLOAD_BYTES;
                }
                case ChunkType.OFFSET_HOLE -> least = most = HOLE_BYTES;
                case ChunkType.BLOCK_STATUS_EXT -> {
                    least = 2 * Integer.BYTES + 2 * Long.BYTES;
                    most = MAX_STATUS_BYTES;
                }
                default -> throw new ServerBreachException("a chunk of type " + begun.type());
            }
        }
        if (begun.length() < least || begun.length() > most) {
            throw new ServerBreachException("a chunk of type " + begun.type() + " with "
                    + Long.toUnsignedString(begun.length()) + " bytes, expected " + least + " to " + most);
        }
        request(begun);
    }

    private Outstanding request(Chunk of) throws ServerBreachException {
        Outstanding found = asked.apply(of.cookie());
        if (found == null) {
            throw new ServerBreachException("a reply to request " + of.cookie() + ", which is not under way");
        }
        return found;
    }

    private boolean payload(Chunk current, ByteBuf in) throws ServerBreachException {
        if (current.type() == ChunkType.OFFSET_DATA) {
            if (in.readableBytes() < Long.BYTES) {
                return false;
            }
            data = request(current).answer().data(in.readLong(), current.length() - Long.BYTES);
            return true;
        }
        if (in.readableBytes() < current.length()) {
            return false;
        }
        ByteBuf whole = in.readSlice((int) current.length());
        Answer answer = request(current).answer();
        if ((current.type() & ERROR_BIT) != 0) {
            end(current, error(whole));
            return true;
        }
        switch (current.type()) {
            case ChunkType.OFFSET_HOLE -> answer.hole(whole.readLong(), whole.readUnsignedInt());
            case ChunkType.BLOCK_STATUS_EXT -> status(answer, whole);
            default -> {}
        }
        end(current, null);
        return true;
    }

    private static void status(Answer answer, ByteBuf whole) throws ServerBreachException {
        int context = whole.readInt();
        int count = whole.readInt();
        if (whole.readableBytes() != count * 2L * Long.BYTES) {
            throw new ServerBreachException(
                    Integer.toUnsignedString(count) + " extents in " + whole.readableBytes() + " bytes");
        }
        answer.status(context, whole);
    }

    private static IOException error(ByteBuf whole) throws ServerBreachException {
        int errno = whole.readInt();
        int length = whole.readUnsignedShort();
        if (length > whole.readableBytes()) {
            throw new ServerBreachException("an error's text of " + length + " bytes in " + whole.readableBytes());
        }
        return RemoteErrors.of(
                errno, whole.readCharSequence(length, StandardCharsets.UTF_8).toString());
    }

    private boolean data(Chunk current, ByteBuf in, ByteBuffer into) throws ServerBreachException {
        int count = Math.min(into.remaining(), in.readableBytes());
        int limit = into.limit();
        into.limit(into.position() + count);
        in.readBytes(into);
        into.limit(limit);
        if (into.hasRemaining()) {
            return false;
        }
        data = null;
        end(current, null);
        return true;
    }

    /** A chunk is whole. An error ends its request whatever the server says of more chunks. */
    private void end(Chunk current, @Nullable IOException failure) throws ServerBreachException {
        chunk = null;
        boolean isLast = (current.flags() & ChunkType.FLAG_DONE) != 0;
        if (failure != null && !isLast) {
            throw new ServerBreachException("an error that is not the end of its reply: " + failure.getMessage());
        }
        if (isLast) {
            if (failure == null) {
                request(current).answer().end();
            }
            ended.ended(current.cookie(), failure);
        }
    }
}
