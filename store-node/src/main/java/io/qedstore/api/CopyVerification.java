package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * How the verification of a node's copy stands.
 *
 * @param role {@code owner} or {@code replica}, as the image is placed
 * @param state {@code running}, {@code ok}, {@code differs}, {@code unverified}, {@code unasked} (nobody has asked for it since the node
 *     was started), {@code missing} (the node has no copy) or {@code unreachable}
 * @param detail why it is not ok
 * @param sequence of the event behind which it was found to be in order; 0 if it was not
 * @param recorded of the event of which the log says what the file contained, that this was held against
 * @param doneBytes of the file
 * @param totalBytes of the file
 * @param badBlocks how many blocks of 4 KiB are not what was written there
 * @param badOffsets where the first of them lie in the file
 */
public record CopyVerification(
        String node,
        String role,
        String state,
        Optional<String> detail,
        long sequence,
        long recorded,
        long doneBytes,
        long totalBytes,
        long badBlocks,
        List<Long> badOffsets) {
    public CopyVerification {
        badOffsets = List.copyOf(badOffsets);
    }

    /** One of which nothing is known but this. */
    public static CopyVerification without(String node, String role, String state, Optional<String> detail) {
        return new CopyVerification(node, role, state, detail, 0, 0, 0, 0, 0, List.of());
    }
}
