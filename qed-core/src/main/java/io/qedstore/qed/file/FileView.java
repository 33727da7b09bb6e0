package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a file, to read. What a view shows may be more than what the disk holds already, where changes wait
 * above the file. All methods may be called by many threads at once.
 */
public interface FileView {
    /**
     * Fills {@code target} from {@code fileOffset} on; bytes past the end of the file are zeros.
     *
     * @throws IOException if the disk fails
     */
    void read(long fileOffset, ByteBuffer target) throws IOException;

    /** The file's length in bytes. */
    long length();

    /**
     * The first offset at or after {@code fileOffset} that may hold anything but zeros, or the file's length. A view
     * that knows nothing of holes answers {@code fileOffset}.
     */
    long nextData(long fileOffset) throws IOException;

    /** The first offset at or after {@code fileOffset} that starts a hole; the file's end counts as one. */
    long nextHole(long fileOffset) throws IOException;
}
