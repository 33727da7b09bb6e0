package io.qedstore.content;

import java.io.IOException;

/** A file's block is not what was written to it, and nobody has what that was. The file is not to be used. */
public final class BadBlockException extends IOException {
    private static final long serialVersionUID = 1;

    BadBlockException(long block, String why) {
        super("the block at " + block * BlockDigest.BLOCK_BYTES + " of the file is not what was written there, and "
                + why + ": the disk has changed it, or another program has");
    }

    BadBlockException(long block, IOException cause) {
        this(block, "what that was could not be asked for (" + cause.getMessage() + ")");
        initCause(cause);
    }
}
