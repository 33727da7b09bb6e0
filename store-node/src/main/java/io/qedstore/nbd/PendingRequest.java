package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.qedstore.device.Completion;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request that is being carried out. It goes back to its connection, once, from whatever thread ends it. */
final class PendingRequest implements Completion {
    private static final int MAX_COPIED_BYTES = 32 << 10;

    private final Request header;
    private final NbdCommand command;
    private @Nullable ByteBuf payload;
    private final Consumer<PendingRequest> ended;
    private final BooleanSupplier abandoned;

    /** Changes on the event loop. */
    private long chargedBytes;

    /** Changes on the event loop, before anybody else has the request. */
    private boolean heldBack;

    private @Nullable IOException failure;
    private List<Object> replyParts = List.of();

    /**
     * @param ended told when the request has ended, by any thread
     * @param abandoned whether the client is gone
     */
    PendingRequest(
            IncomingRequest incoming, NbdCommand command, Consumer<PendingRequest> ended, BooleanSupplier abandoned) {
        this.header = incoming.header();
        this.command = command;
        this.payload = incoming.payload();
        this.chargedBytes = incoming.chargedBytes();
        this.ended = ended;
        this.abandoned = abandoned;
    }

    Request header() {
        return header;
    }

    NbdCommand command() {
        return command;
    }

    /** What came with it; released by the connection once it has ended. */
    @Nullable
    ByteBuf payload() {
        return payload;
    }

    /**
     * Takes a payload out of the buffer that it was received in, if that is much larger: which would stay as long as the
     * request. Called on the event loop, before anybody else has the request.
     */
    void ownPayload() {
        ByteBuf received = payload;
        if (received != null && received.unwrap() != null && received.readableBytes() <= MAX_COPIED_BYTES) {
            payload = received.alloc()
                    .directBuffer(received.readableBytes(), received.readableBytes())
                    .writeBytes(received);
            received.release();
        }
    }

    /** Bytes of memory that it needs while it is under way. */
    long costBytes() {
        return switch (command) {
            case READ -> header.length();
            case WRITE -> payload == null ? 0 : payload.capacity();
            case BLOCK_STATUS -> BlockStatusReply.MAX_BYTES;
            case DISC, FLUSH, TRIM, CACHE, WRITE_ZEROES, RESIZE -> 0;
        };
    }

    /** Bytes of the budget that it holds. */
    long chargedBytes() {
        return chargedBytes;
    }

    void charge(long bytes) {
        chargedBytes = bytes;
    }

    /** It has to wait for the device's throttle before it begins. */
    void holdBack() {
        heldBack = true;
    }

    /** Whether it has to wait, or had to. */
    boolean isHeldBack() {
        return heldBack;
    }

    /** Bytes that go over the wire for it. */
    long dataBytes() {
        return command == NbdCommand.READ || command == NbdCommand.WRITE ? header.length() : 0;
    }

    @Override
    public void succeeded() {
        ended.accept(this);
    }

    /** @param parts buffers and stretches of files that are the whole reply */
    void succeeded(List<Object> parts) {
        replyParts = parts;
        ended.accept(this);
    }

    @Override
    public void failed(IOException cause) {
        failure = cause;
        ended.accept(this);
    }

    @Override
    public boolean isWanted() {
        return !abandoned.getAsBoolean();
    }

    /** Null if it succeeded. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Empty if the reply says no more than that it succeeded. */
    List<Object> replyParts() {
        return replyParts;
    }
}
