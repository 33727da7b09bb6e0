package io.qedstore.nbd.client;

import io.qedstore.device.ReadReply;
import java.nio.ByteBuffer;

/**
 * Puts the pieces of a read where they belong. They have to come in order, as this project's server sends them: then none has to be
 * kept.
 */
final class ReadAnswer extends Answer {
    private final ReadReply reply;
    private long next;
    private long left;

    ReadAnswer(ReadReply reply, long guestOffset, int lengthBytes) {
        this.reply = reply;
        this.next = guestOffset;
        this.left = lengthBytes;
    }

    @Override
    ByteBuffer data(long offset, long lengthBytes) throws ServerBreachException {
        int length = advance(offset, lengthBytes);
        return reply.bytes(length);
    }

    @Override
    void hole(long offset, long lengthBytes) throws ServerBreachException {
        reply.zeroes(advance(offset, lengthBytes));
    }

    private int advance(long offset, long lengthBytes) throws ServerBreachException {
        if (offset != next || lengthBytes < 1 || lengthBytes > left) {
            throw new ServerBreachException("a piece of " + Long.toUnsignedString(lengthBytes) + " bytes at "
                    + Long.toUnsignedString(offset) + " of a read that lacks " + left + " bytes at " + next);
        }
        next += lengthBytes;
        left -= lengthBytes;
        return (int) lengthBytes;
    }

    @Override
    void end() throws ServerBreachException {
        if (left > 0) {
            throw new ServerBreachException("a read has ended without " + left + " bytes at " + next);
        }
    }
}
