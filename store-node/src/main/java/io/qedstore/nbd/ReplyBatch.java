package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replies on their way to the socket: small ones gather in one buffer, which goes out as one write when the requests at hand
 * are done, or when it has grown large. Used by the connection's event loop.
 */
final class ReplyBatch {
    private static final int MIN_BYTES = 4 << 10;
    private static final int MAX_BYTES = 256 << 10;

    private final Channel channel;
    private @Nullable ByteBuf gathered;
    private int expectedBytes = MIN_BYTES;
    private boolean written;

    ReplyBatch(Channel channel) {
        this.channel = channel;
    }

    /** The buffer that small replies are put into; call {@link #added} afterwards. */
    ByteBuf buffer() {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            buffer = channel.alloc().directBuffer(expectedBytes);
            gathered = buffer;
        }
        return buffer;
    }

    /** Something was put into the buffer. */
    void added() {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.readableBytes() >= MAX_BYTES) {
            flush();
        }
    }

    /** The buffer went into a reply of several parts, as its first. */
    void taken() {
        gathered = null;
        expectedBytes = MIN_BYTES; // it may wait for long with a header alone in it
    }

    /**
     * Sends parts after what was gathered before.
     *
     * @param each gives a promise for every part but the last
     * @param last completes when all of them are with the system
     */
    void send(List<Object> parts, Supplier<ChannelPromise> each, ChannelPromise last) {
        write();
        for (int i = 0; i < parts.size(); i++) {
            channel.write(parts.get(i), i == parts.size() - 1 ? last : each.get());
        }
        written = true;
    }

    private void write() {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            return;
        }
        gathered = null;
        int bytes = buffer.readableBytes();
        if (bytes == 0) {
            buffer.release();
            return;
        }
        expectedBytes = Math.max(MIN_BYTES, Math.min(MAX_BYTES, Integer.highestOneBit(bytes) * 2));
        channel.write(buffer, channel.voidPromise());
        written = true;
    }

    /** Gives everything to the system. */
    void flush() {
        write();
        if (written) {
            written = false;
            channel.flush();
        }
    }

    /** The connection is gone. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
