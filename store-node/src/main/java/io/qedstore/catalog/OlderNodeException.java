package io.qedstore.catalog;

import java.io.IOException;

/** Some node has announced that it cannot read what was to be written; nothing was. */
public final class OlderNodeException extends IOException {
    private static final long serialVersionUID = 1;

    OlderNodeException(String message) {
        super(message);
    }
}
