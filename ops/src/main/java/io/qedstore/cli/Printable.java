package io.qedstore.cli;

import java.util.Locale;

/** Text that came from a file or a stranger, made safe for a terminal: control characters become {@code \xNN}. */
final class Printable {
    private Printable() {}

    static String of(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder safe = new StringBuilder();
        text.chars().forEach(c -> {
            if (Character.isISOControl(c)) {
                safe.append(String.format(Locale.ROOT, "\\x%02x", c));
            } else {
                safe.append((char) c);
            }
        });
        return safe.toString();
    }
}
