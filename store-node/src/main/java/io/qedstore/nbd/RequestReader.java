package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.util.Collection;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into requests. A payload that lies in one received buffer as a whole stays there; others
 * get a buffer of their own, once there is room for it. The payload of a request that is refused is read and thrown away,
 * so the next request is found whatever was wrong with this one.
 *
 * <p>Used by the connection's event loop.
 */
final class RequestReader {
    private final RequestValidator validator;
    private final ByteBufAllocator allocator;
    private final LongPredicate admission;
    private final boolean extended;
    private final int headerBytes;

    /** The start of a header whose rest has not come yet. */
    private final ByteBuf partialHeader;

    /** The request whose payload is on its way; null between requests. */
    private @Nullable Request header;

    private @Nullable NbdCommand command;
    private @Nullable Refusal refusal;
    private @Nullable ByteBuf payload;
    private long leftToSkip;
    private boolean blocked;

    /**
     * @param admission asked for room for a payload of so many bytes; if it says no, {@link #next} has to be called again
     *     later
     */
    RequestReader(Session session, RequestValidator validator, ByteBufAllocator allocator, LongPredicate admission) {
        this.validator = validator;
        this.allocator = allocator;
        this.admission = admission;
        this.extended = session.hasExtendedHeaders();
        this.headerBytes = extended ? Request.EXTENDED_BYTES : Request.COMPACT_BYTES;
        this.partialHeader = Unpooled.buffer(headerBytes, headerBytes);
    }

    /**
     * The next request that is complete.
     *
     * @param in what is used of it is behind its reader index afterwards
     * @return null if more bytes are needed, or {@link #isBlocked} says that there is no room for the payload
     * @throws ProtocolBreachException if the connection has to end
     */
    @Nullable
    IncomingRequest next(ByteBuf in) throws ProtocolBreachException {
        Request request = header;
        if (request == null) {
            request = readHeader(in);
            if (request == null) {
                return null;
            }
            start(request);
        }
        if (leftToSkip > 0) {
            int skipped = (int) Math.min(leftToSkip, in.readableBytes());
            in.skipBytes(skipped);
            leftToSkip -= skipped;
            return leftToSkip > 0 ? null : finish(request, null, 0);
        }
        boolean carries = refusal == null && command != NbdCommand.DISC;
        int length = carries ? (int) validator.payloadBytes(request) : 0;
        if (length == 0) {
            return finish(request, null, 0);
        }
        return payload(request, length, in);
    }

    private @Nullable Request readHeader(ByteBuf in) throws ProtocolBreachException {
        ByteBuf from = in;
        if (partialHeader.isReadable() || in.readableBytes() < headerBytes) {
            partialHeader.writeBytes(in, Math.min(in.readableBytes(), partialHeader.writableBytes()));
            if (partialHeader.isWritable()) {
                return null;
            }
            from = partialHeader;
        }
        Request request = Request.read(from, extended);
        partialHeader.clear();
        if (request == null) {
            throw new ProtocolBreachException("a request does not start with its magic number");
        }
        return request;
    }

    private void start(Request request) throws ProtocolBreachException {
        header = request;
        command = request.command();
        if (command == NbdCommand.DISC) {
            return; // whatever else it says
        }
        long length = validator.payloadBytes(request);
        if (!validator.isEdible(length)) {
            throw new ProtocolBreachException("a payload of " + Long.toUnsignedString(length) + " bytes");
        }
        refusal = validator.check(request, command);
        leftToSkip = refusal == null ? 0 : length;
    }

    private IncomingRequest finish(Request request, @Nullable ByteBuf bytes, long chargedBytes) {
        IncomingRequest finished = new IncomingRequest(request, command, bytes, chargedBytes, refusal);
        header = null;
        command = null;
        refusal = null;
        payload = null;
        return finished;
    }

    private @Nullable IncomingRequest payload(Request request, int length, ByteBuf in) {
        ByteBuf bytes = payload;
        if (bytes == null) {
            if (in.readableBytes() >= length) {
                return finish(request, in.readRetainedSlice(length), 0);
            }
            blocked = !admission.test(length);
            if (blocked) {
                return null;
            }
            bytes = allocator.directBuffer(length, length);
            payload = bytes;
        }
        in.readBytes(bytes, Math.min(bytes.writableBytes(), in.readableBytes()));
        return bytes.isWritable() ? null : finish(request, bytes, length);
    }

    /**
     * Whether the last of the bytes that were received are a goodbye. No proof, as a payload that was cut off may end like
     * one.
     *
     * @param waiting what was received and not given to {@link #next} yet
     */
    boolean endsWithGoodbye(Collection<ByteBuf> waiting) {
        CompositeByteBuf all =
                Unpooled.compositeBuffer(waiting.size() + 1).addComponent(true, partialHeader.retainedSlice());
        waiting.forEach(bytes -> all.addComponent(true, bytes.retainedSlice()));
        try {
            if (all.readableBytes() < headerBytes) {
                return false;
            }
            Request last = Request.read(all.skipBytes(all.readableBytes() - headerBytes), extended);
            return last != null && last.command() == NbdCommand.DISC;
        } finally {
            all.release();
        }
    }

    /** Whether a payload waits for room. */
    boolean isBlocked() {
        return blocked;
    }

    /** The buffer that the bytes to come belong into, if there is one. */
    @Nullable
    ByteBuf incompletePayload() {
        return payload;
    }

    /** Whether bytes were received right into the payload that is on its way. */
    @SuppressWarnings("ReferenceEquality") // it is about the very buffer, not its content
    boolean isIncompletePayload(ByteBuf bytes) {
        return bytes == payload;
    }

    /** Gives back what an incomplete request holds; returns the bytes of the budget that were its. */
    long discard() {
        ByteBuf bytes = payload;
        payload = null;
        if (bytes == null) {
            return 0;
        }
        bytes.release();
        return bytes.capacity();
    }
}
