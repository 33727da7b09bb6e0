package io.qedstore.api;

import java.util.Optional;

/**
 * Which part of an image's history is wanted.
 *
 * @param from the point of the first event; empty for the beginning
 * @param to the point of the last event; empty for the end
 * @param guestOffset of the part of the disk that events have to do with; empty for all, and all that is no event too
 * @param lengthBytes of that part; there if the offset is
 * @param after where the page before said that it goes on
 * @param limit of items; a few more may come
 */
public record HistoryRequest(
        Optional<String> from,
        Optional<String> to,
        Optional<Long> guestOffset,
        Optional<Long> lengthBytes,
        Optional<String> after,
        int limit) {
    public HistoryRequest {
        if (guestOffset.isPresent() != lengthBytes.isPresent()) {
            throw new IllegalArgumentException(
                    "found one of 'offset' and 'length', expected both or neither: they name a part of the disk");
        }
    }
}
