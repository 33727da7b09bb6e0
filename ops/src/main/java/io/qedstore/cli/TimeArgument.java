package io.qedstore.cli;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 90s}, {@code 30m}, {@code 12h}, {@code 7d}; {@code 0} needs no unit. */
final class TimeArgument {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,9})([smhd])|0");
    private static final Map<String, Long> SECONDS = Map.of("s", 1L, "m", 60L, "h", 3600L, "d", 86_400L);

    private TimeArgument() {}

    static long seconds(String what, String text) throws CommandFailure {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new CommandFailure(
                    Main.WRONG_USAGE, what + " expects a time such as 90s, 30m, 12h or 7d, or 0, found '" + text + "'");
        }
        return matcher.group(1) == null
                ? 0
                : Long.parseLong(matcher.group(1)) * SECONDS.getOrDefault(matcher.group(2), 1L);
    }

    /** In the largest unit that says it. */
    static String said(long seconds) {
        for (String unit : new String[] {"d", "h", "m"}) {
            long size = SECONDS.getOrDefault(unit, 1L);
            if (seconds > 0 && seconds % size == 0) {
                return seconds / size + unit;
            }
        }
        return seconds + "s";
    }
}
