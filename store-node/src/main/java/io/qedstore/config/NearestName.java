package io.qedstore.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody who mistyped a name may have meant. */
public final class NearestName {
    private NearestName() {}

    /** The known name that takes the fewest slips to become the other, if that is at most so many. */
    public static Optional<String> of(String mistyped, Collection<String> known, int mostSlips) {
        return known.stream()
                .filter(name ->
                        Math.abs(name.length() - mistyped.length()) <= mostSlips) // whatever their characters are
                .filter(name -> slips(mistyped, name) <= mostSlips)
                .min(Comparator.<String>comparingInt(name -> slips(mistyped, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** How many characters are missing, too many, wrong, or swapped with the next (Damerau and Levenshtein); case is none. */
    static int slips(String one, String other) {
        String from = one.toLowerCase(Locale.ROOT);
        String to = other.toLowerCase(Locale.ROOT);
        int[][] least = new int[from.length() + 1][to.length() + 1]; // between the first i and the first j characters
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    least[i][j] = i + j;
                    continue;
                }
                int wrong = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                least[i][j] = Math.min(least[i - 1][j - 1] + wrong, Math.min(least[i - 1][j], least[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
                }
            }
        }
        return least[from.length()][to.length()];
    }
}
