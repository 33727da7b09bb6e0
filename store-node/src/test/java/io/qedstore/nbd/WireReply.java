package io.qedstore.nbd;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A whole reply, as a client makes it out.
 *
 * @param simple whether it had the simple form
 * @param error 0 if it succeeded
 * @param text what an error chunk said
 * @param data of a read; zeros where a hole was told
 * @param pieces of a read, in the order in which they came
 * @param extents of a block status, by context id
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record WireReply(
        long cookie,
        boolean simple,
        int error,
        String text,
        byte[] data,
        List<Piece> pieces,
        Map<Integer, List<Extent>> extents) {

    /** Those of one context, which has to be there. */
    List<Extent> extents(int context) {
        return Objects.requireNonNull(extents.get(context), "nothing was told about this context");
    }

    record Piece(long offset, long lengthBytes, boolean hole) {}

    record Extent(long lengthBytes, long status) {}
}
