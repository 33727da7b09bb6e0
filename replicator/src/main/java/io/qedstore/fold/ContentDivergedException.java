package io.qedstore.fold;

import java.io.IOException;

/** A file that followed a log does not contain what the log says: it must not be served, and is to be made anew. */
public final class ContentDivergedException extends IOException {
    private static final long serialVersionUID = 1;

    ContentDivergedException(String message) {
        super(message);
    }
}
