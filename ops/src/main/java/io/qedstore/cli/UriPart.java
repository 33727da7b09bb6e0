package io.qedstore.cli;

import java.nio.charset.StandardCharsets;

/** Text as a part of a URI. */
final class UriPart {
    private static final String PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

    private UriPart() {}

    /** Percent-encodes everything but letters, digits, {@code - . _ ~ /}. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (PLAIN.indexOf((char) b) >= 0) {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }
}
