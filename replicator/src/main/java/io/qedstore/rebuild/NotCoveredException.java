package io.qedstore.rebuild;

import java.io.IOException;

/** A point cannot be made: the log does not reach back to it, and no checkpoint at or before it is at hand. */
public final class NotCoveredException extends IOException {
    private static final long serialVersionUID = 1;

    NotCoveredException(String message, Throwable cause) {
        super(message, cause);
    }
}
