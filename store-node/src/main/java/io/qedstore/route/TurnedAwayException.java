package io.qedstore.route;

import java.io.IOException;

/** The image is served and this node's clients are not let in, or it cannot be served at all. */
public final class TurnedAwayException extends IOException {
    private static final long serialVersionUID = 1L;

    public TurnedAwayException(String message) {
        super(message);
    }
}
