package io.qedstore.event;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Gets at the bytes of a message's field without a copy, which {@link ByteString#asReadOnlyByteBuffer} makes. */
final class Aliased extends ByteOutput {
    private ByteBuffer seen = ByteBuffer.allocate(0);

    private Aliased() {}

    /** A read-only buffer of the same bytes. */
    static ByteBuffer buffer(ByteString bytes) {
        Aliased output = new Aliased();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, output);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be read", e);
        }
        return output.seen.asReadOnlyBuffer();
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        seen = ByteBuffer.wrap(value, offset, length).slice();
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        seen = value.slice();
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        writeLazy(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
        writeLazy(value);
    }

    @Override
    public void write(byte value) {
        seen = ByteBuffer.wrap(new byte[] {value});
    }
}
