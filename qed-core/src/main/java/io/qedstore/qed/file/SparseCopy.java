package io.qedstore.qed.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Copies a file so that holes stay holes. */
public final class SparseCopy {
    private static final int CHUNK_BYTES = 1 << 20;

    private SparseCopy() {}

    /** Hears how a copy goes on, and ends it by an exception. */
    @FunctionalInterface
    public interface Steps {
        /**
         * A piece was copied.
         *
         * @param next behind it, from where the copy can be taken up again once all before is on the disk
         */
        void copied(long next, int bytes) throws IOException;
    }

    /**
     * Makes {@code target} a copy of {@code source}; what it held is gone. Not synced.
     *
     * @param source must not change meanwhile
     */
    public static void copy(FileView source, ImageFile target) throws IOException {
        target.setLength(0);
        copyFrom(0, source, source.length(), target, (next, bytes) -> {});
    }

    /**
     * Copies what lies from an offset on. Not synced. Of a source that changes meanwhile each byte is as it was at some time.
     *
     * @param target holds nothing from there on
     * @param length that it gets
     */
    public static void copyFrom(long fileOffset, FileView source, long length, ImageFile target, Steps steps)
            throws IOException {
        target.setLength(length);
        ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, Math.max(1, length)));
        for (long at = source.nextData(fileOffset); at < length; ) {
            long hole = Math.min(Math.max(source.nextHole(at), at + 1), length); // it may be one by now
            chunk.clear().limit((int) Math.min(chunk.capacity(), hole - at));
            source.read(at, chunk);
            int count = chunk.flip().remaining();
            target.write(at, chunk);
            at += count;
            steps.copied(at, count);
            at = at < hole ? at : source.nextData(at);
        }
    }
}
