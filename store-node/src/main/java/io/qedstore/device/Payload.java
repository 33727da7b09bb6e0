package io.qedstore.device;

import java.nio.ByteBuffer;

/**
 * The bytes of a write. They stay as they are until the write has completed, and until everybody who keeps them has let go; by
 * any thread.
 */
public interface Payload {
    /** The bytes, in a buffer of its own with positions of its own. */
    ByteBuffer bytes();

    /** They are needed until {@link #letGo}, also behind the write's completion. Called before that. */
    void keep();

    /** Called once for each {@link #keep}. */
    void letGo();

    /** Bytes that nobody else uses, and that go when nobody refers to them. */
    static Payload of(ByteBuffer bytes) {
        return new Payload() {
            @Override
            public ByteBuffer bytes() {
                return bytes.duplicate();
            }

            @Override
            public void keep() {}

            @Override
            public void letGo() {}
        };
    }
}
