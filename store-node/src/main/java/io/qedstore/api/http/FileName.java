package io.qedstore.api.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The name that a client may give to what it downloads (RFC 6266, RFC 8187). */
final class FileName {
    private FileName() {}

    /** The value of {@code Content-Disposition}; older clients see only what ASCII has. */
    static String attachment(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._ -]", "_");
        String quoted = "attachment; filename=\"" + plain + "\"";
        return plain.equals(name) ? quoted : quoted + "; filename*=UTF-8''" + encoded(name);
    }

    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte unit : name.getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (unit & 0xff);
            boolean plain = character < 0x80 && (Character.isLetterOrDigit(character) || "._-".indexOf(character) >= 0);
            encoded.append(plain ? String.valueOf(character) : String.format(Locale.ROOT, "%%%02X", (int) character));
        }
        return encoded.toString();
    }
}
