package io.qedstore.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes: {@code 512}, {@code 64k}, {@code 256M}, {@code 2G}, {@code 16T}; the units are powers of 1024. */
final class SizeType {
    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,18})([kKmMgGtT]?)");
    private static final String UNITS = "kmgt";

    private SizeType() {}

    static ValueType<Long> atLeast(String least) {
        long leastBytes = parse(least).orElseThrow();
        return new ValueType<>(
                "a size from " + least + " on, with `k`, `M`, `G` or `T` for its unit",
                text -> parse(text).filter(bytes -> bytes >= leastBytes));
    }

    private static Optional<Long> parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
        return number <= Long.MAX_VALUE >> shift ? Optional.of(number << shift) : Optional.empty();
    }
}
