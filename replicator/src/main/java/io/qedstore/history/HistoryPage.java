package io.qedstore.history;

import io.qedstore.fold.FoldState;
import java.util.List;
import java.util.Optional;

/**
 * A part of a history.
 *
 * @param entries in the order of the log; there may be none though more follow
 * @param next where to go on; empty at the end
 */
public record HistoryPage(List<HistoryEntry> entries, Optional<FoldState> next) {
    public HistoryPage {
        entries = List.copyOf(entries);
    }
}
