package io.qedstore.content;

import java.io.IOException;

/** What was read is not what is known of a block: it is being changed just now, or it is damaged. */
public final class DifferingBlockException extends IOException {
    private static final long serialVersionUID = 1;

    private final long block;

    DifferingBlockException(long block) {
        super("the block at " + block * BlockDigest.BLOCK_BYTES + " of the file is not what is known of it");
        this.block = block;
    }

    /**
     * Whoever reads a file for something may have said for what.
     *
     * @return the one that was the cause
     * @throws IOException the failure itself, if it had another
     */
    public static DifferingBlockException causeOf(IOException failure) throws IOException {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DifferingBlockException found) {
                return found;
            }
        }
        throw failure;
    }

    public long block() {
        return block;
    }
}
