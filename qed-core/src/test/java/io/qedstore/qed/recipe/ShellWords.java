package io.qedstore.qed.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a recipe into steps, and a step into words: single quotes, and the one substitution that recipes use. */
final class ShellWords {
    private static final Pattern REPEATED_A = Pattern.compile("\\$\\(printf 'a%\\.0s' \\$\\(seq (\\d+)\\)\\)");

    private ShellWords() {}

    /** The steps of a recipe; {@code { step; true; }} is its step, whose failure is no failure. */
    static List<String> steps(String commands) {
        List<String> steps = new ArrayList<>();
        for (String step : commands.split(" && ", -1)) {
            boolean braces = step.startsWith("{ ") && step.endsWith("; true; }");
            steps.add(braces ? step.substring(2, step.length() - "; true; }".length()) : step);
        }
        return steps;
    }

    static List<String> split(String step) {
        String text = REPEATED_A
                .matcher(step)
                .replaceAll(found -> Matcher.quoteReplacement("a".repeat(Integer.parseInt(found.group(1)))));
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean started = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
                started = true;
            } else if (c == ' ' && !quoted) {
                if (started) {
                    words.add(word.toString());
                }
                word.setLength(0);
                started = false;
            } else {
                word.append(c);
                started = true;
            }
        }
        if (started) {
            words.add(word.toString());
        }
        return words;
    }
}
