package io.qedstore.index;

import java.io.IOException;

/** The index cannot be used. The kinds say what helps. */
public abstract sealed class IndexException extends IOException {
    private static final long serialVersionUID = 1;

    private IndexException(String message, Throwable cause) {
        super(message, cause);
    }

    private IndexException(String message) {
        super(message);
    }

    /** Files of it are missing or hold what nobody wrote. It has to be deleted; the message says what that loses. */
    public static final class Damaged extends IndexException {
        private static final long serialVersionUID = 1;

        public Damaged(String message, Throwable cause) {
            super(message, cause);
        }

        public Damaged(String message) {
            super(message);
        }
    }

    /** A newer version of qedstore wrote it: run that one. */
    public static final class Newer extends IndexException {
        private static final long serialVersionUID = 1;

        public Newer(String message) {
            super(message);
        }
    }

    /** Another process has it open. */
    public static final class InUse extends IndexException {
        private static final long serialVersionUID = 1;

        public InUse(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The disk is full, or does not answer, or may not be written; or the index was closed. */
    public static final class Unavailable extends IndexException {
        private static final long serialVersionUID = 1;

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        public Unavailable(String message) {
            super(message);
        }
    }
}
