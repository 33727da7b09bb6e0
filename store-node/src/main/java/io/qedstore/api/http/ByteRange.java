package io.qedstore.api.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of a file is asked for (RFC 9110, section 14). */
sealed interface ByteRange {
    /** All of it: nothing else was asked for, or not in a form that is served. */
    record Whole() implements ByteRange {}

    /** Bytes {@code [first, last + 1)}; within the file. */
    record Part(long first, long last) implements ByteRange {}

    /** Nothing of what was asked for is there. */
    record Unsatisfiable() implements ByteRange {}

    /** Up to 18 digits fit into a long. */
    Pattern SYNTAX = Pattern.compile("(?i:bytes)=[ \t]*(\\d{0,18})-(\\d{0,18})[ \t]*");

    /**
     * One range is served; of several, which nobody has to, the whole file is.
     *
     * @param header the value of {@code Range}
     */
    static ByteRange of(String header, long lengthBytes) {
        Matcher matcher = SYNTAX.matcher(header);
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return new Whole();
        }
        if (matcher.group(1).isEmpty()) {
            long suffixBytes = Math.min(Long.parseLong(matcher.group(2)), lengthBytes);
            return suffixBytes == 0 ? new Unsatisfiable() : new Part(lengthBytes - suffixBytes, lengthBytes - 1);
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        if (last < first) {
            return new Whole(); // not valid, so not a range
        }
        return first >= lengthBytes ? new Unsatisfiable() : new Part(first, Math.min(last, lengthBytes - 1));
    }
}
