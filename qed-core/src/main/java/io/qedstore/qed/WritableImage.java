package io.qedstore.qed;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that can be written. Ranges lie inside the disk. */
public interface WritableImage extends GuestImage {
    /** Writes all of {@code data}; durable after the next {@link #flush}. */
    void write(long guestOffset, ByteBuffer data) throws IOException;

    /** Makes the range read as zeros, without writing them where that can be avoided; durable after the next flush. */
    void writeZeroes(long guestOffset, long lengthBytes) throws IOException;

    /** Says that the range is not needed any more; what it reads as afterwards is its old bytes or zeros. */
    void discard(long guestOffset, long lengthBytes) throws IOException;

    /** Returns when every change that was answered before is on stable storage. */
    void flush() throws IOException;

    /** Makes the disk larger; new bytes read as zeros. Durable when it returns. */
    void resize(long newSizeBytes) throws IOException;
}
