package io.qedstore.qed.format;

import java.io.IOException;

/**
 * The file breaks the QED format, or the format cannot hold what was asked of it. Retrying does not help; the file must
 * be mended, or the request changed. An I/O error of the file itself is a plain {@link IOException}.
 */
public final class QedFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final QedError error;
    private final Errno errno;

    /** @param detail found, expected, and what to do where there is something to do; follows qemu's sentence */
    public QedFormatException(QedError error, String detail) {
        this(error, error.errno(), error.text() + " (" + detail + ")");
    }

    /** @param message the whole message; it should start with {@link QedError#text} */
    public QedFormatException(QedError error, Errno errno, String message) {
        super(message);
        this.error = error;
        this.errno = errno;
    }

    public QedError error() {
        return error;
    }

    public Errno errno() {
        return errno;
    }
}
