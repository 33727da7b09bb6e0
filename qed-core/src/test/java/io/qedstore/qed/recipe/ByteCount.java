package io.qedstore.qed.recipe;

import java.util.Locale;

/** Numbers of bytes as qemu's tools read them: decimal or 0x, and one of the suffixes k, M, G, T, P, E. */
public final class ByteCount {
    private static final String SUFFIXES = "kmgtpe";

    private ByteCount() {}

    public static long parse(String text) {
        int suffix = SUFFIXES.indexOf(text.toLowerCase(Locale.ROOT).charAt(text.length() - 1));
        if (suffix < 0 || text.startsWith("0x")) {
            return Long.decode(text);
        }
        return Math.multiplyExact(Long.parseLong(text.substring(0, text.length() - 1)), 1L << (10 * (suffix + 1)));
    }
}
