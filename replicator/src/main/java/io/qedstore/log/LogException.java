package io.qedstore.log;

import java.io.IOException;

/** The log could not do what was asked for. The kinds say what that means for the image. */
public abstract sealed class LogException extends IOException {
    private static final long serialVersionUID = 1;

    private LogException(String message, Throwable cause) {
        super(message, cause);
    }

    private LogException(String message) {
        super(message);
    }

    /** Nobody answered, or too late; what was under way may have happened or not. Trying again later may help. */
    public static final class Unavailable extends LogException {
        private static final long serialVersionUID = 1;

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        public Unavailable(String message) {
            super(message);
        }
    }

    /** The log refuses: settings, rights or limits have to be changed first. */
    public static final class Refused extends LogException {
        private static final long serialVersionUID = 1;

        public Refused(String message, Throwable cause) {
            super(message, cause);
        }

        public Refused(String message) {
            super(message);
        }
    }

    /** There is a topic of that name already. */
    public static final class AlreadyExists extends LogException {
        private static final long serialVersionUID = 1;

        public AlreadyExists(String message) {
            super(message);
        }
    }

    /** There is no such topic. */
    public static final class Missing extends LogException {
        private static final long serialVersionUID = 1;

        public Missing(String message) {
            super(message);
        }
    }

    /** The topic was deleted and another made under its name. */
    public static final class Recreated extends LogException {
        private static final long serialVersionUID = 1;

        public Recreated(String message) {
            super(message);
        }
    }

    /** The log has lost records that it had acknowledged: it ends before a known one, or has another in its place. */
    public static final class Truncated extends LogException {
        private static final long serialVersionUID = 1;

        public Truncated(String message) {
            super(message);
        }

        public Truncated(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Records are missing: the log begins behind the position, or leaves offsets out. */
    public static final class Gap extends LogException {
        private static final long serialVersionUID = 1;

        public Gap(String message) {
            super(message);
        }
    }

    /** The records are of another image, or of another history of this one. */
    public static final class Foreign extends LogException {
        private static final long serialVersionUID = 1;

        public Foreign(String message) {
            super(message);
        }
    }

    /** A record that counts says something that this version does not know. Nothing behind it can be applied. */
    public static final class NotUnderstood extends LogException {
        private static final long serialVersionUID = 1;

        public NotUnderstood(String message) {
            super(message);
        }
    }
}
