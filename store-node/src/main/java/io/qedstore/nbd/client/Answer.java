package io.qedstore.nbd.client;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Takes the chunks of the reply to one request, and knows which may come. This one takes none: it is of requests that bring nothing
 * back. Used by the connection's event loop.
 */
class Answer {
    static final Answer NOTHING = new Answer();

    /**
     * The next bytes of a read.
     *
     * @return where they go
     */
    ByteBuffer data(long offset, long lengthBytes) throws ServerBreachException {
        throw breach("data");
    }

    /** A hole instead of bytes. */
    void hole(long offset, long lengthBytes) throws ServerBreachException {
        throw breach("a hole");
    }

    /** @param extents {@code u64 length, u64 status} each */
    void status(int contextId, ByteBuf extents) throws ServerBreachException {
        throw breach("block status");
    }

    /** The request has succeeded. */
    void end() throws ServerBreachException {}

    private static ServerBreachException breach(String what) {
        return new ServerBreachException(what + " came in reply to a request that asked for none");
    }
}
