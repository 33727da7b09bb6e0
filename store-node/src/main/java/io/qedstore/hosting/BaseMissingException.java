package io.qedstore.hosting;

import java.io.IOException;

/** What a clone lies over is not on this node, and cannot be served without. It is being made. */
public final class BaseMissingException extends IOException {
    private static final long serialVersionUID = 1;

    public BaseMissingException(String message) {
        super(message);
    }
}
