package io.qedstore.event;

/**
 * What all names look like: 1 to 128 of the characters {@code A-Z a-z 0-9 . _ -}, the first of them a letter or a digit. So a
 * name is never a path, an option or a piece of another protocol's syntax, and its bytes sort as its characters do.
 */
final class NameRule {
    static final int MAX_LENGTH = 128;

    private NameRule() {}

    /** @throws IllegalArgumentException if it is none; the message may be shown to whoever chose it */
    static void check(String what, String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    what + " of " + value.length() + " characters, expected 1 to " + MAX_LENGTH);
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!isLetterOrDigit(c) && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
                throw new IllegalArgumentException(what + " with " + shown(c) + " as character " + (i + 1)
                        + "; expected letters and digits of ASCII, and behind the first of them also '.', '_' and '-'");
            }
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static String shown(char c) {
        return c > ' ' && c < 127 ? "'" + c + "'" : String.format("U+%04X", (int) c);
    }
}
