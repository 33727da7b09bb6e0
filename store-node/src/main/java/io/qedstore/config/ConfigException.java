package io.qedstore.config;

import java.util.List;

/** A configuration that no node can start with; the message is for whoever wrote it, and holds no secrets. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(
                problems.size() == 1
                        ? problems.get(0)
                        : problems.size() + " errors in the configuration:\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** All that is wrong, one sentence each. */
    public List<String> problems() {
        return problems;
    }
}
