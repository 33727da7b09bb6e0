package io.qedstore.device;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Takes a read's bytes piece by piece, in the order of the range. Whoever made it decides what a piece costs: a hole may
 * never become bytes, and a stretch of a file may go out without being looked at.
 */
public interface ReadReply {
    /** Room for the next {@code lengthBytes} bytes, outside the heap; to be filled before the next piece. */
    ByteBuffer bytes(int lengthBytes);

    /** The next {@code lengthBytes} bytes are zeros that take no space. */
    void zeroes(int lengthBytes);

    /** Whether {@link #file} may be called for a piece of this size; it may not unless a reply says so. */
    default boolean takesFile(int lengthBytes) {
        return false;
    }

    /**
     * The next bytes lie in a file and are sent from there, later. The file stays open until the device is closed, and has
     * those bytes.
     */
    default void file(FileChannel file, long fileOffset, int lengthBytes) {
        throw new IllegalStateException("a stretch of a file was not asked for");
    }
}
