package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Copies a file so that holes stay holes. */
public final class SparseCopy {
    private static final int CHUNK_BYTES = 1 << 20;

    private SparseCopy() {}

    /**
     * Makes {@code target} a copy of {@code source}; what it held is gone. Not synced.
     *
     * @param source must not change meanwhile
     */
    public static void copy(FileView source, ImageFile target) throws IOException {
        long length = source.length();
        target.setLength(0);
        target.setLength(length);
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, Math.max(1, length)));
        for (long at = source.nextData(0); at < length; ) {
            long hole = Math.min(source.nextHole(at), length);
            chunk.clear().limit((int) Math.min(chunk.capacity(), hole - at));
            source.read(at, chunk);
            at += chunk.flip().remaining();
            target.write(at - chunk.remaining(), chunk);
            at = at < hole ? at : source.nextData(at);
        }
    }
}
