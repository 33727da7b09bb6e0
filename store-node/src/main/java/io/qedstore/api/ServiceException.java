package io.qedstore.api;

import java.io.IOException;

/** Something cannot be done; the message is one sentence for whoever asked: on what, found, expected, what to do. */
public class ServiceException extends IOException {
    private static final long serialVersionUID = 1;

    private final ServiceError error;

    public ServiceException(ServiceError error, String message) {
        super(message);
        this.error = error;
    }

    public ServiceException(ServiceError error, String message, Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    public ServiceError error() {
        return error;
    }
}
