package io.qedstore.history;

import io.qedstore.event.Operation;

/**
 * A part of a disk as its guest sees it: {@code [guestOffset, guestOffset + lengthBytes)}.
 *
 * @param lengthBytes at least 1
 */
public record GuestRange(long guestOffset, long lengthBytes) {
    public GuestRange {
        if (guestOffset < 0 || lengthBytes < 1 || guestOffset > Long.MAX_VALUE - lengthBytes) {
            throw new IllegalArgumentException("a range of " + lengthBytes + " bytes at guest offset " + guestOffset
                    + ", expected at least 1 byte at 0 or behind it");
        }
    }

    /** Whether an operation may have changed anything of it. */
    boolean isTouchedBy(Operation operation) {
        return switch (operation.kind()) {
            case CREATE, RESIZE, BACKING_CHANGE, NEED_CHECK_SET, NEED_CHECK_CLEAR -> false;
            case WRITE, WRITE_ZEROES, DISCARD, REWIND, IMPORT, OTHER ->
                operation.guestOffset() < guestOffset + lengthBytes
                        && guestOffset - operation.guestOffset() < operation.lengthBytes();
        };
    }
}
