package io.qedstore.cli.api;

import java.io.IOException;

/** A request to a node has not done what it should; the message is one sentence for whoever asked. */
public class ApiException extends IOException {
    private static final long serialVersionUID = 1L;

    ApiException(String message) {
        super(message);
    }

    ApiException(String message, Throwable cause) {
        super(message, cause);
    }
}
