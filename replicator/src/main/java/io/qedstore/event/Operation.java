package io.qedstore.event;

/**
 * What a guest or an operator asked for.
 *
 * @param guestOffset in bytes; 0 where it means nothing
 * @param lengthBytes of the guest's range; of a resize and a creation the image's new size
 */
public record Operation(Kind kind, long guestOffset, long lengthBytes) {
    /** Kinds of operations, by the names that the history shows. */
    public enum Kind {
        CREATE,
        WRITE,
        WRITE_ZEROES,
        DISCARD,
        RESIZE,
        BACKING_CHANGE,
        NEED_CHECK_SET,
        NEED_CHECK_CLEAR,
        REWIND,
        IMPORT,
        /** One that this version has no name for. */
        OTHER
    }

    public Operation {
        if (guestOffset < 0 || lengthBytes < 0) {
            throw new IllegalArgumentException(kind + " of " + lengthBytes + " bytes at guest offset " + guestOffset
                    + ", expected neither negative");
        }
    }
}
