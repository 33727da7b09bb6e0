package io.qedstore.cli.api;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which part of a file an answer brings: {@code bytes FIRST-LAST/LENGTH} (RFC 9110, section 14.4). */
final class ContentRange {
    private static final Pattern SYNTAX = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/.*");

    private ContentRange() {}

    /** The file offset of the first byte; empty if the header does not say. */
    static OptionalLong start(Optional<String> header) {
        Matcher matcher = SYNTAX.matcher(header.orElse(""));
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
