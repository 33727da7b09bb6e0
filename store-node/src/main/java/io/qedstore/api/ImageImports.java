package io.qedstore.api;

import java.io.IOException;
import java.util.Optional;

/**
 * Files that become images. A file arrives in pieces, in order, with holes left out; then it is checked, written into a new log, and
 * only when all of it is there, there is an image. Until then nothing is kept for longer than an hour after the last request, nor
 * over an end of the node.
 *
 * <p>Where {@code node} is another one, a {@link NotHereException} names it.
 */
public interface ImageImports {
    /** More than so many bytes are no piece. */
    int MAX_PIECE_BYTES = 1 << 20;

    /** Begins an import, or goes on with one of the same file under the same name. */
    ImportInfo beginImport(String name, NewImportRequest request) throws IOException, InterruptedException;

    ImportInfo importState(String name, String id, Optional<String> node) throws IOException;

    /**
     * Takes a piece; one that was taken may come again.
     *
     * @param fileOffset where in the file it lies; what is left out before it is zeros
     */
    ImportInfo importPiece(String name, String id, Optional<String> node, long fileOffset, byte[] piece)
            throws IOException;

    /** All has arrived. Does not wait; {@link #importState} tells how it goes on. */
    ImportInfo finishImport(String name, String id, Optional<String> node) throws IOException;

    /** Forgets an import of which nothing is in a log yet. */
    void dropImport(String name, String id, Optional<String> node) throws IOException;
}
