package io.qedstore.rebuild;

import java.io.IOException;

/** A point that an image does not have, or not any more. The message is for whoever named it. */
public final class PointException extends IOException {
    private static final long serialVersionUID = 1;

    PointException(String message) {
        super(message);
    }
}
