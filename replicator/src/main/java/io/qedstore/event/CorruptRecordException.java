package io.qedstore.event;

import java.io.IOException;

/** Bytes that are no record: somebody else has written into the topic, or a disk has changed what was written. */
public final class CorruptRecordException extends IOException {
    private static final long serialVersionUID = 1;

    public CorruptRecordException(String message) {
        super(message);
    }

    public CorruptRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
