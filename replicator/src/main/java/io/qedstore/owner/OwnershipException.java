package io.qedstore.owner;

import java.io.IOException;

/** This owner is none any more, or has not become one. Nothing that fails with it will be written by it. */
public abstract sealed class OwnershipException extends IOException {
    private static final long serialVersionUID = 1;

    private OwnershipException(String message, Throwable cause) {
        super(message, cause);
    }

    private OwnershipException(String message) {
        super(message);
    }

    /** Another has taken the image. */
    public static final class Fenced extends OwnershipException {
        private static final long serialVersionUID = 1;

        public Fenced(String message) {
            super(message);
        }
    }

    /** Somebody owns the image, and was not to be driven out. */
    public static final class Taken extends OwnershipException {
        private static final long serialVersionUID = 1;

        public Taken(String message) {
            super(message);
        }
    }

    /** The log is not what it was: it has lost records, or cannot be understood. The image may be read, not written. */
    public static final class LogLost extends OwnershipException {
        private static final long serialVersionUID = 1;

        public LogLost(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The image was given up in order. */
    public static final class Released extends OwnershipException {
        private static final long serialVersionUID = 1;

        public Released(String message) {
            super(message);
        }
    }

    /** Whoever runs this owner has told it to stop. */
    public static final class GivenUp extends OwnershipException {
        private static final long serialVersionUID = 1;

        public GivenUp(String message) {
            super(message);
        }
    }
}
