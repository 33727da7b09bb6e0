package io.qedstore.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A file that is handed out. It does not change. Closed by whoever asked for it, once nothing more is read. */
public interface ImageExport extends Closeable {
    /** Nobody else's; an HTTP entity tag without its quotes. */
    String tag();

    /** The event up to which the file holds the image. */
    long sequence();

    long lengthBytes();

    /** Of the whole file. */
    byte[] sha256();

    /** Where the file holds anything but zeros, in order; what lies between are zeros. */
    List<Extent> extents() throws IOException;

    /** Fills the buffer from a file offset on. */
    void read(long fileOffset, ByteBuffer into) throws IOException;

    /** Bytes {@code [fileOffset, fileOffset + lengthBytes)}. */
    record Extent(long fileOffset, long lengthBytes) {}
}
