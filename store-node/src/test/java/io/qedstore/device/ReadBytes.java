package io.qedstore.device;

import java.nio.ByteBuffer;

/** Takes what is read as bytes, and no ranges of a file. */
public final class ReadBytes implements ReadReply {
    private final ByteBuffer all;

    public ReadBytes(int lengthBytes) {
        this.all = ByteBuffer.allocate(lengthBytes);
    }

    /** All that there is room for. */
    public byte[] array() {
        return all.array();
    }

    @Override
    public ByteBuffer bytes(int lengthBytes) {
        ByteBuffer part = all.slice(all.position(), lengthBytes);
        zeroes(lengthBytes);
        return part;
    }

    @Override
    public void zeroes(int lengthBytes) {
        all.position(all.position() + lengthBytes);
    }
}
