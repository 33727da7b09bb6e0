package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

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

    /**
     * Fills {@code target}, which lies outside the heap, if its bytes are in memory; never waits for the disk.
     *
     * @return false if that is not so or not known; what is in the target then means nothing
     */
    default boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        return false;
    }

    /** Whether a range is known to be in memory, so that sending it will hardly wait for the disk. */
    default boolean isCached(long fileOffset, long lengthBytes) throws IOException {
        return false;
    }

    /** Asks the disk to bring a range into memory, without waiting for it; a hint. */
    default void prefetch(long fileOffset, long lengthBytes) throws IOException {}

    /** The open file, where its bytes are all there is to the view: for sending ranges of it. It is only to be read. */
    default Optional<FileChannel> sendableFile() {
        return Optional.empty();
    }
}
