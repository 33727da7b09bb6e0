package io.qedstore.qed.alloc;

import io.qedstore.qed.change.QedChange;
import java.util.List;

/**
 * What one request does to the file, in the order in which it must be done.
 *
 * @param changes applied in this order; any beginning of them leaves an image that opens and reads, with the request
 *     done in part
 * @param inPlace whether the changes only give new bytes to clusters that were mapped before; such plans may be applied
 *     in any order among themselves, as far as the guest's own requests may
 */
public record Plan(List<QedChange> changes, boolean inPlace) {
    public static final Plan EMPTY = new Plan(List.of(), true);

    public Plan {
        changes = List.copyOf(changes);
    }

    /** Whether it sets table entries, so that new clusters or a new table come into use. */
    public boolean setsEntries() {
        return changes.stream()
                .anyMatch(change ->
                        change instanceof QedChange.L2EntriesSet || change instanceof QedChange.L2TableWritten);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }
}
