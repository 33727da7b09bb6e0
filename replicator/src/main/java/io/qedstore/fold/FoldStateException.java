package io.qedstore.fold;

import java.io.IOException;

/** A stored position that cannot be used. */
public abstract sealed class FoldStateException extends IOException {
    private static final long serialVersionUID = 1;

    private FoldStateException(String message) {
        super(message);
    }

    /** The bytes are none: a disk has changed them, or a program other than this one wrote them. */
    public static final class Corrupt extends FoldStateException {
        private static final long serialVersionUID = 1;

        public Corrupt(String message) {
            super(message);
        }
    }

    /** Another version of qedstore wrote it. */
    public static final class OtherVersion extends FoldStateException {
        private static final long serialVersionUID = 1;

        public OtherVersion(String message) {
            super(message);
        }
    }
}
