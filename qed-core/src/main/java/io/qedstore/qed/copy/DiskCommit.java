package io.qedstore.qed.copy;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.WritableImage;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes what an overlay holds into its backing file, which grows if it is smaller. The overlay stays as it is. A crash
 * half way leaves a backing file that holds a part of it; the overlay still shows the right bytes.
 */
public final class DiskCommit {
    private static final int BUFFER_BYTES = 1 << 20;

    private DiskCommit() {}

    /**
     * Copies and flushes.
     *
     * @param overlay whose own clusters are copied
     * @param base opened for writing a second time; nobody else may use it
     */
    public static void commit(GuestImage overlay, WritableImage base, CopyProgress progress) throws IOException {
        long size = overlay.sizeBytes();
        if (base.sizeBytes() < size) {
            base.resize(size);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (long at = 0; at < size; ) {
            GuestImage.Extent extent = overlay.extent(at, size - at);
            long length = extent.lengthBytes();
            switch (extent.kind()) {
                case UNALLOCATED -> {}
                case ZERO -> base.writeZeroes(at, length);
                case DATA -> {
                    length = Math.min(length, BUFFER_BYTES);
                    buffer.clear().limit((int) length);
                    overlay.read(at, buffer);
                    base.write(at, buffer.flip());
                }
            }
            at += length;
            progress.at(at, size);
        }
        base.flush();
    }
}
