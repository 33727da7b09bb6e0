package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.qedstore.device.Completion;
import io.qedstore.device.ReadReply;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The replies to one read that is carried out off the event loop: one at a time, each in buffers of its own. What the last one got
 * goes out when the read succeeds. Used by one thread at a time.
 */
final class ReadAttempts implements Supplier<ReadReply>, Completion {
    private final PendingRequest pending;
    private final ReplyForm form;
    private final ByteBufAllocator allocator;
    private final boolean sendsFiles;
    private @Nullable ByteBuf out;
    private @Nullable ReadAssembly reply;

    ReadAttempts(PendingRequest pending, ReplyForm form, ByteBufAllocator allocator, boolean sendsFiles) {
        this.pending = pending;
        this.form = form;
        this.allocator = allocator;
        this.sendsFiles = sendsFiles;
    }

    @Override
    public ReadReply get() {
        discard();
        int room = (int) pending.header().length() + ReplyForm.MAX_DATA_HEADER_BYTES;
        ByteBuf buffer = allocator.directBuffer(room);
        out = buffer;
        ReadAssembly begun = new ReadAssembly(form, pending.header(), buffer, allocator, sendsFiles);
        reply = begun;
        return begun;
    }

    private void discard() {
        ReadAssembly begun = reply;
        ByteBuf buffer = begun == null ? out : begun.discard();
        reply = null;
        out = null;
        if (buffer != null) {
            buffer.release();
        }
    }

    @Override
    public void succeeded() {
        ReadAssembly whole = reply;
        ByteBuf buffer = out;
        if (whole == null || buffer == null) {
            failed(new IOException("internal error, please report it: a read has ended without a reply"));
            return;
        }
        List<Object> parts = whole.parts();
        pending.succeeded(parts.isEmpty() ? List.of(buffer) : parts);
    }

    @Override
    public void failed(IOException cause) {
        discard();
        pending.failed(cause);
    }

    @Override
    public boolean isWanted() {
        return pending.isWanted();
    }
}
