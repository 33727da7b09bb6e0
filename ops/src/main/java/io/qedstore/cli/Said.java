package io.qedstore.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** How values of the API are said to people. */
final class Said {
    private Said() {}

    static String size(long bytes) {
        return HumanSize.of(bytes) + " (" + bytes + " bytes)";
    }

    static String list(List<String> words) {
        return words.isEmpty() ? "-" : String.join(", ", words);
    }

    /** In UTC, to the second. */
    static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
