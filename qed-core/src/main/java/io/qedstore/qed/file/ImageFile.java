package io.qedstore.qed.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file with holes that can be changed. Nothing survives a crash for certain before {@link #sync} has returned; until
 * then each 512-byte sector that was written may be old, new, or lost with the file's growth.
 *
 * <p>Reads and writes may run at once; of writes that overlap at the same time either may win.
 */
public interface ImageFile extends FileView, Closeable {
    /** Writes all of {@code source} at {@code fileOffset}; the file grows as needed, with zeros in between. */
    void write(long fileOffset, ByteBuffer source) throws IOException;

    /**
     * Makes {@code [fileOffset, fileOffset + lengthBytes)} zeros, grows the file to its end if it was shorter, and gives
     * the space of whole file system blocks back where the file system can.
     */
    void zero(long fileOffset, long lengthBytes) throws IOException;

    /** Cuts the file, or lets it grow with zeros. */
    void setLength(long lengthBytes) throws IOException;

    /**
     * Returns when everything written before is on stable storage.
     *
     * @throws IOException if the disk failed: what was not synced before may then be lost although a later sync
     *     succeeds
     */
    void sync() throws IOException;
}
