package io.qedstore.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something in an image's history.
 *
 * @param kind {@code event}, {@code flush}, {@code claim}, {@code release}, {@code void}, {@code snapshot}, {@code checkpoint} or
 *     {@code beginning}
 * @param sequence of an event, or of the last one before that which is no event
 * @param at of an event as the history counts it, of all else by the clock of whoever did it
 * @param epoch the ownership that wrote it, or, of what is not in the log, that was the last one there
 * @param node that wrote it, or holds the checkpoint
 * @param offset of its record in the log, if it is one
 * @param bytes of its record, or of the checkpoint; 0 of what is neither
 * @param operations what was asked for, of an event
 * @param name of a snapshot
 * @param detail for people
 */
public record HistoryItem(
        String kind,
        long sequence,
        Instant at,
        long epoch,
        Optional<String> node,
        OptionalLong offset,
        long bytes,
        List<OperationInfo> operations,
        Optional<String> name,
        Optional<String> detail) {
    public HistoryItem {
        operations = List.copyOf(operations);
    }
}
