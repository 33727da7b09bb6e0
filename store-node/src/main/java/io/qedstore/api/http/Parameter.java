package io.qedstore.api.http;

import java.util.List;

/**
 * What a route can be told besides the body.
 *
 * @param required always so in a path
 * @param schema the JSON Schema that it is described with
 */
record Parameter(String name, Place place, boolean required, String description, Schema schema) {
    /** Where it stands. */
    enum Place {
        PATH,
        QUERY,
        HEADER
    }

    /** What it may be. */
    sealed interface Schema {
        record Text() implements Schema {}

        record OneOf(List<String> values) implements Schema {
            public OneOf {
                values = List.copyOf(values);
            }
        }

        record WholeNumber(int least, int most) implements Schema {}
    }

    static Parameter path(String name, String description) {
        return new Parameter(name, Place.PATH, true, description, new Schema.Text());
    }

    static Parameter text(String name, String description) {
        return new Parameter(name, Place.QUERY, false, description, new Schema.Text());
    }

    static Parameter oneOf(String name, String description, String... values) {
        return new Parameter(name, Place.QUERY, false, description, new Schema.OneOf(List.of(values)));
    }

    static Parameter number(String name, String description, int least, int most) {
        return new Parameter(name, Place.QUERY, false, description, new Schema.WholeNumber(least, most));
    }

    static Parameter header(String name, String description) {
        return new Parameter(name, Place.HEADER, false, description, new Schema.Text());
    }
}
