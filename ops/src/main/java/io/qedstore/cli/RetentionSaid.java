package io.qedstore.cli;

import io.qedstore.api.RetentionInfo;
import java.util.ArrayList;
import java.util.List;

/** How retention is said to people. */
final class RetentionSaid {
    private RetentionSaid() {}

    static String limits(RetentionInfo kept) {
        List<String> limits = new ArrayList<>();
        kept.keepSeconds().ifPresent(seconds -> limits.add("the last " + TimeArgument.said(seconds)));
        kept.keepBytes().ifPresent(bytes -> limits.add("the last " + HumanSize.of(bytes) + " of the log"));
        String what = limits.isEmpty() ? "all of it" : String.join(" and ", limits);
        return "of the history of '" + kept.image() + "', which begins at " + beginning(kept.floor()) + ", " + what
                + " is kept";
    }

    static String beginning(long floor) {
        return floor == 0 ? "its first event" : "event " + floor;
    }
}
