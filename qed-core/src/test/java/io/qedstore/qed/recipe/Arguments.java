package io.qedstore.qed.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The words behind a program's name: options that take a value, flags, and the rest. */
final class Arguments {
    private final Map<String, List<String>> options = new HashMap<>();
    private final List<String> operands = new ArrayList<>();

    private Arguments() {}

    static Arguments parse(List<String> words, Set<String> withValue, Set<String> flags) {
        Arguments arguments = new Arguments();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (withValue.contains(word)) {
                arguments.options.computeIfAbsent(word, w -> new ArrayList<>()).add(words.get(++i));
            } else if (flags.contains(word)) {
                arguments.options.put(word, List.of());
            } else if (word.startsWith("-")) {
                throw new IllegalArgumentException("unknown option " + word + " in " + words);
            } else {
                arguments.operands.add(word);
            }
        }
        return arguments;
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    List<String> all(String option) {
        return options.getOrDefault(option, List.of());
    }

    String get(String option, String otherwise) {
        return has(option) ? all(option).get(0) : otherwise;
    }

    String operand(int index) {
        return operands.get(index);
    }

    int operands() {
        return operands.size();
    }
}
