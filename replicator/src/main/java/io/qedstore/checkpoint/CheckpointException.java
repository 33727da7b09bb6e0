package io.qedstore.checkpoint;

import java.io.IOException;

/** A checkpoint that cannot be used. */
public abstract sealed class CheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    private CheckpointException(String message) {
        super(message);
    }

    /** It is not there, or not any more. */
    public static final class Missing extends CheckpointException {
        private static final long serialVersionUID = 1;

        public Missing(String message) {
            super(message);
        }
    }

    /** It is not what it says it is. Another may do. */
    public static final class Damaged extends CheckpointException {
        private static final long serialVersionUID = 1;

        public Damaged(String message) {
            super(message);
        }
    }

    /** Another version of qedstore wrote it. */
    public static final class OtherVersion extends CheckpointException {
        private static final long serialVersionUID = 1;

        public OtherVersion(String message) {
            super(message);
        }
    }

    /** A copy was made, and nobody can say that it is right; it was thrown away. */
    public static final class NotVerified extends CheckpointException {
        private static final long serialVersionUID = 1;

        public NotVerified(String message) {
            super(message);
        }
    }
}
