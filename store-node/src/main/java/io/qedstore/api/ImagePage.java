package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * Some images.
 *
 * @param next what to ask for as {@code after} to get those that follow; empty if none do
 */
public record ImagePage(List<ImageInfo> items, Optional<String> next) {
    public ImagePage {
        items = List.copyOf(items);
    }
}
