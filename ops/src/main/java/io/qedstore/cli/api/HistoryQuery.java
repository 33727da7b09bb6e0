package io.qedstore.cli.api;

import java.util.Optional;

/**
 * Which part of an image's history is wanted.
 *
 * @param from the point of the first event; empty for the beginning
 * @param to the point of the last event; empty for the end
 * @param range the part of the disk that events have to do with; empty for all
 */
public record HistoryQuery(Optional<String> from, Optional<String> to, Optional<Range> range) {
    /** A part of the disk, as the guest sees it. */
    public record Range(long guestOffset, long lengthBytes) {}

    /** With {@code &} before each parameter. */
    String parameters() {
        return from.map(point -> "&from=" + ApiClient.encoded(point)).orElse("")
                + to.map(point -> "&to=" + ApiClient.encoded(point)).orElse("")
                + range.map(part -> "&offset=" + part.guestOffset() + "&length=" + part.lengthBytes())
                        .orElse("");
    }
}
