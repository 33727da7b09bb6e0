package io.qedstore.event;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.change.QedChange;
import java.util.List;
import java.util.Optional;

/**
 * What an event does, whatever place in the log it gets.
 *
 * @param flushBefore a flush was received after the event before was planned and before this one was
 * @param operations what was asked for, in that order; for people
 * @param contentDigest of the file after an earlier event
 * @param genesis how this image's events are chained; in its first event, and only there
 * @param changes of the file, in this order; their buffers may be the caller's own
 * @param notUnderstood what a newer version has put in and this one does not know, or what cannot be; such an event must not be
 *     applied
 */
public record EventBody(
        boolean flushBefore,
        List<Operation> operations,
        Optional<ContentDigest> contentDigest,
        Optional<DigestAlgorithm> genesis,
        List<QedChange> changes,
        Optional<String> notUnderstood) {
    public EventBody {
        operations = List.copyOf(operations);
        changes = List.copyOf(changes);
    }

    /** What most events are. */
    public static EventBody of(List<Operation> operations, List<QedChange> changes) {
        return new EventBody(false, operations, Optional.empty(), Optional.empty(), changes, Optional.empty());
    }

    /** The first event of an image. */
    public static EventBody first(DigestAlgorithm genesis, List<Operation> operations, List<QedChange> changes) {
        return new EventBody(false, operations, Optional.empty(), Optional.of(genesis), changes, Optional.empty());
    }

    /** No event with this body is longer. */
    public long maxEncodedBytes() {
        return 256 + 32L * operations.size() + maxEncodedBytes(changes);
    }

    /** What changes take in an event at most. */
    public static long maxEncodedBytes(List<QedChange> changes) {
        long bytes = 64L * changes.size();
        for (QedChange change : changes) {
            if (change instanceof QedChange.DataWritten written) {
                bytes += written.data().remaining();
            } else if (change instanceof QedChange.HeaderWritten header) {
                bytes += header.bytes().remaining();
            }
        }
        return bytes;
    }

    public EventBody withFlushBefore() {
        return new EventBody(true, operations, contentDigest, genesis, changes, notUnderstood);
    }

    public EventBody withContentDigest(ContentDigest digest) {
        return new EventBody(flushBefore, operations, Optional.of(digest), genesis, changes, notUnderstood);
    }
}
