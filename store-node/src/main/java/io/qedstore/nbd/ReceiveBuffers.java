package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where one connection's bytes are received: into buffers that grow and shrink with what comes, or, while a long payload is
 * on its way, right into the payload's own buffer. Used by the connection's event loop.
 */
final class ReceiveBuffers implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    private static final int MIN_BYTES = 4 << 10;
    private static final int MAX_BYTES = 256 << 10;

    /** Reads in a row before others on the event loop get a turn. */
    private static final int MAX_READS = 8;

    private int nextBytes = 16 << 10;
    private int reads;
    private int attemptedBytes;
    private int lastBytes;
    private boolean drained = true;

    /** Of receives and pauses. */
    private long turns;

    private @Nullable ChannelConfig config;
    private @Nullable ByteBuf target;

    /**
     * Sends the bytes that come next into a buffer's writable part, which may not grow.
     *
     * @param payload null to go back to buffers of the usual kind
     */
    void receiveInto(@Nullable ByteBuf payload) {
        target = payload;
    }

    /** Nothing is received for some time. */
    void pause() {
        drained = false;
        turns++;
    }

    /** Changes with every receive and every pause. */
    long turns() {
        return turns;
    }

    /** The socket was found empty without a receive. */
    void foundEmpty() {
        drained = true;
    }

    /** Whether nothing is in the socket, as far as that is known: the last receive has left nothing, and there was no pause since. */
    boolean isDrained() {
        return drained;
    }

    @Override
    public ReceiveBuffers newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        ByteBuf payload = target;
        return payload == null ? allocator.directBuffer(nextBytes, nextBytes) : payload.retain();
    }

    @Override
    public int guess() {
        return nextBytes;
    }

    @Override
    public void reset(ChannelConfig channelConfig) {
        config = channelConfig;
        reads = 0;
    }

    @Override
    public void incMessagesRead(int count) {
        reads += count;
    }

    @Override
    public void lastBytesRead(int bytes) {
        lastBytes = bytes;
        turns++;
        drained = bytes < attemptedBytes;
        if (target == null && bytes > 0) {
            if (bytes == attemptedBytes) {
                nextBytes = Math.min(nextBytes * 2, MAX_BYTES);
            } else if (bytes < nextBytes / 4) {
                nextBytes = Math.max(nextBytes / 2, MIN_BYTES);
            }
        }
    }

    @Override
    public int lastBytesRead() {
        return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attemptedBytes;
    }

    @Override
    public boolean continueReading() {
        return continueReading(() -> attemptedBytes == lastBytes);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        return config != null && config.isAutoRead() && reads < MAX_READS && lastBytes > 0 && maybeMoreData.get();
    }

    @Override
    public void readComplete() {}
}
