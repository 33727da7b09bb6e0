package io.qedstore.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 7d}; {@code 0} needs no unit. */
final class DurationType {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)|0");
    private static final Map<String, TemporalUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    private DurationType() {}

    /** @param most is part of it */
    static ValueType<Duration> between(String least, String most) {
        Duration shortest = parse(least).orElseThrow();
        Duration longest = parse(most).orElseThrow();
        return new ValueType<>(
                "a time from " + least + " to " + most + ", with `ms`, `s`, `m`, `h` or `d` for its unit",
                text -> parse(text).filter(time -> time.compareTo(shortest) >= 0 && time.compareTo(longest) <= 0));
    }

    private static Optional<Duration> parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        TemporalUnit unit = matcher.group(2) == null ? ChronoUnit.SECONDS : UNITS.get(matcher.group(2));
        String number = matcher.group(1) == null ? "0" : matcher.group(1);
        return Optional.of(Duration.of(Long.parseLong(number), unit));
    }
}
