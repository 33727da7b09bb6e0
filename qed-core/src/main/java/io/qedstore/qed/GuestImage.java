package io.qedstore.qed;

import io.qedstore.qed.file.FileView;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A disk as a guest sees it; what a chain of backing files is made of. All methods are safe for many threads. */
public interface GuestImage extends Closeable {
    /** The name under which it was opened, for people. */
    String name();

    long sizeBytes();

    /**
     * Fills {@code target} with guest bytes from {@code guestOffset} on; past the end of the disk they are zeros.
     *
     * @throws io.qedstore.qed.format.QedFormatException if the tables are corrupt there
     */
    void read(long guestOffset, ByteBuffer target) throws IOException;

    /**
     * What this layer alone holds at {@code guestOffset}, which is inside the disk.
     *
     * @return an extent of at least 1 and at most {@code maxBytes} bytes; the next one may be of the same kind
     */
    Extent extent(long guestOffset, long maxBytes) throws IOException;

    /**
     * As {@link #extent}, where the answer is in memory.
     *
     * @return null if it is not, or somebody else is busy with the tables: ask {@code extent}, which may wait
     */
    default @Nullable Extent extentIfCached(long guestOffset, long maxBytes) throws IOException {
        return null;
    }

    /** What an extent's file offset counts in: the bytes of this layer's file. */
    FileView view();

    /** The image that shows through where this one holds nothing. */
    default @Nullable GuestImage backing() {
        return null;
    }

    /** What a layer holds. */
    enum Kind {
        DATA,
        ZERO,
        UNALLOCATED
    }

    /**
     * A stretch of guest bytes of one kind.
     *
     * @param lengthBytes at least 1
     * @param fileOffset where the bytes lie in the layer's file, if they have a place there
     */
    record Extent(Kind kind, long lengthBytes, OptionalLong fileOffset) {}
}
