package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.qedstore.device.Payload;
import java.nio.ByteBuffer;

/** What came with a write, where it was received. */
final class ReceivedPayload implements Payload {
    private final ByteBuf received;

    ReceivedPayload(ByteBuf received) {
        this.received = received;
    }

    @Override
    public ByteBuffer bytes() {
        return received.nioBuffer();
    }

    @Override
    public void keep() {
        received.retain();
    }

    @Override
    public void letGo() {
        received.release();
    }
}
