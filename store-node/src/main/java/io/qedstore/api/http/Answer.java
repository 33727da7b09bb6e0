package io.qedstore.api.http;

import java.util.List;
import java.util.Optional;

/**
 * What a route answers when all is well.
 *
 * @param mediaType empty if there is no body
 * @param record that the JSON is; empty if it is none, or not ours
 * @param headers that it has besides the usual ones
 */
record Answer(
        int status,
        String description,
        Optional<String> mediaType,
        Optional<Class<? extends Record>> record,
        List<String> headers) {
    static final String JSON = "application/json";
    static final String BYTES = "application/octet-stream";

    Answer {
        headers = List.copyOf(headers);
    }

    static Answer json(int status, String description, Class<? extends Record> record, String... headers) {
        return new Answer(status, description, Optional.of(JSON), Optional.of(record), List.of(headers));
    }

    static Answer of(int status, String description, String mediaType, String... headers) {
        return new Answer(status, description, Optional.of(mediaType), Optional.empty(), List.of(headers));
    }

    static Answer empty(int status, String description, String... headers) {
        return new Answer(status, description, Optional.empty(), Optional.empty(), List.of(headers));
    }
}
