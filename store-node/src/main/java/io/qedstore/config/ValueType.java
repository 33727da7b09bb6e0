package io.qedstore.config;

import java.util.Optional;
import java.util.function.Function;

/**
 * What a setting may be.
 *
 * @param expected in words that go on from "expected"
 * @param parser gives nothing for what is not of this type; its argument has no white space at its ends
 */
record ValueType<T>(String expected, Function<String, Optional<T>> parser) {

    Optional<T> parse(String text) {
        return parser.apply(text.strip());
    }

    /** Of a setting that may be left empty. */
    ValueType<Optional<T>> orNothing() {
        return new ValueType<>(expected, text -> {
            Optional<T> value = parser.apply(text);
            return value.isPresent() || text.isEmpty() ? Optional.of(value) : Optional.empty();
        });
    }
}
