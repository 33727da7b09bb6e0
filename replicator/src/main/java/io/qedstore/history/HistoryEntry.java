package io.qedstore.history;

import io.qedstore.event.Epoch;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something in an image's history.
 *
 * @param sequence of an event, or of the last one before that which is no event
 * @param timeMicros since 1970; of an event as the history counts it, of all else by the clock of whoever did it
 * @param epoch the ownership that wrote it, or, of what is not in the log, that was the last one there
 * @param node that wrote it, or holds the checkpoint
 * @param offset of its record, if it is one
 * @param bytes of its record, or of the checkpoint; 0 of what is neither
 * @param operations what was asked for, of an event
 * @param name of a snapshot
 * @param detail more of it, for people
 */
public record HistoryEntry(
        Kind kind,
        Sequence sequence,
        long timeMicros,
        Epoch epoch,
        Optional<NodeId> node,
        OptionalLong offset,
        long bytes,
        List<Operation> operations,
        Optional<String> name,
        Optional<String> detail) {
    /** What it can be. */
    public enum Kind {
        /** From here on there is a history; all before was given up. */
        BEGINNING,
        EVENT,
        /** All up to this event had been flushed by the guest. */
        FLUSH,
        /** A node took the image. */
        CLAIM,
        /** Its owner gave the image up. */
        RELEASE,
        /** A record that does not count: its writer did not own the image then, or had lost something before it. */
        VOID,
        SNAPSHOT,
        CHECKPOINT
    }

    public HistoryEntry {
        operations = List.copyOf(operations);
    }
}
