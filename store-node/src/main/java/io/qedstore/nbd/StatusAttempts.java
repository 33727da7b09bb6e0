package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.device.Completion;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The answers to one question about a range, one at a time; the last one goes out. Used by one thread at a time. */
final class StatusAttempts implements Supplier<BlockStatusSink>, Completion {
    private final PendingRequest pending;
    private final Set<MetaContext> contexts;
    private final ReplyForm form;
    private final ByteBufAllocator allocator;
    private BlockStatusReply reply;

    StatusAttempts(PendingRequest pending, Set<MetaContext> contexts, ReplyForm form, ByteBufAllocator allocator) {
        this.pending = pending;
        this.contexts = contexts;
        this.form = form;
        this.allocator = allocator;
        this.reply = begun();
    }

    private BlockStatusReply begun() {
        return new BlockStatusReply(contexts, pending.header().has(CommandFlags.REQ_ONE));
    }

    @Override
    public BlockStatusSink get() {
        BlockStatusReply begun = begun();
        reply = begun;
        return begun;
    }

    @Override
    public void succeeded() {
        ByteBuf out = allocator.directBuffer();
        reply.writeTo(out, form, pending.header());
        pending.succeeded(List.of(out));
    }

    @Override
    public void failed(IOException cause) {
        pending.failed(cause);
    }

    @Override
    public boolean isWanted() {
        return pending.isWanted();
    }
}
