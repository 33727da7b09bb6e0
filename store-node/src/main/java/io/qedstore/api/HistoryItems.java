package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * A page of an image's history.
 *
 * @param items in the order of the log; there may be none though more follow
 * @param next what to ask for as {@code after}; empty at the end
 */
public record HistoryItems(List<HistoryItem> items, Optional<String> next) {
    public HistoryItems {
        items = List.copyOf(items);
    }
}
