package io.qedstore.cli.upload;

import io.qedstore.api.ImageImports;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A file in pieces, in order, without holes and without what is zeros at the end of a piece. */
final class FilePieces {
    private static final int BLOCK = 4096;

    private final FileView file;
    private long at;

    /** @param from where to begin */
    FilePieces(FileView file, long from) {
        this.file = file;
        this.at = from;
    }

    /** Bytes of the file, from an offset on. */
    record Piece(long fileOffset, ByteBuffer bytes) {}

    /** The next one; empty if there is nothing more but zeros. */
    Optional<Piece> next() throws IOException {
        while (true) {
            long start = Math.max(at, file.nextData(at) / BLOCK * BLOCK);
            if (start >= file.length()) {
                at = file.length();
                return Optional.empty();
            }
            int count = (int) Math.min(ImageImports.MAX_PIECE_BYTES, file.length() - start);
            byte[] bytes = new byte[count];
            file.read(start, ByteBuffer.wrap(bytes));
            at = start + count;
            int end = endOfData(bytes);
            if (end > 0) {
                return Optional.of(new Piece(start, ByteBuffer.wrap(bytes, 0, end)));
            }
        }
    }

    private static int endOfData(byte[] bytes) {
        int end = bytes.length;
        while (end > 0) {
            int start = (end - 1) / BLOCK * BLOCK;
            if (!Zeros.areAll(ByteBuffer.wrap(bytes, start, end - start))) {
                return end;
            }
            end = start;
        }
        return 0;
    }
}
