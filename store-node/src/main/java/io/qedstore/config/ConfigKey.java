package io.qedstore.config;

import java.util.Optional;

/**
 * One thing that can be set.
 *
 * @param initial its value where nothing is set, as one would write it; empty if it has to be set
 * @param initially the same for people
 * @param meaning one sentence; what holds in general stands in the package's page of documentation
 */
record ConfigKey<T>(String name, ValueType<T> type, Optional<String> initial, String initially, String meaning) {

    static <T> ConfigKey<T> required(String name, ValueType<T> type, String meaning) {
        return new ConfigKey<>(name, type, Optional.empty(), "has to be set", meaning);
    }

    static <T> ConfigKey<T> of(String name, ValueType<T> type, String initial, String meaning) {
        return new ConfigKey<>(name, type, Optional.of(initial), "`" + initial + "`", meaning);
    }

    /** @param initially what holds while it is empty */
    static <T> ConfigKey<Optional<T>> optional(String name, ValueType<T> type, String initially, String meaning) {
        return new ConfigKey<>(name, type.orNothing(), Optional.of(""), initially, meaning);
    }
}
