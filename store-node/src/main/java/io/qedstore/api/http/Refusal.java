package io.qedstore.api.http;

import io.qedstore.api.Problem;
import java.util.Map;

/**
 * A problem, before it is known where it happened.
 *
 * @param headers that the answer has besides
 */
record Refusal(ProblemKind kind, String detail, Map<String, String> headers) {
    Refusal {
        headers = Map.copyOf(headers);
    }

    Refusal(ProblemKind kind, String detail) {
        this(kind, detail, Map.of());
    }

    Problem at(String instance) {
        return new Problem(kind.type(), kind.title(), kind.status(), detail, instance);
    }
}
