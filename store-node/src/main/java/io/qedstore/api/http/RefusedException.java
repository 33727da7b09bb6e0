package io.qedstore.api.http;

import java.util.Map;

/** A request is answered with a problem. The message is its detail. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final ProblemKind kind;
    private final transient Map<String, String> headers;

    RefusedException(ProblemKind kind, String detail) {
        this(kind, detail, Map.of());
    }

    /** @param headers that the answer has besides */
    RefusedException(ProblemKind kind, String detail, Map<String, String> headers) {
        super(detail);
        this.kind = kind;
        this.headers = Map.copyOf(headers);
    }

    ProblemKind kind() {
        return kind;
    }

    Map<String, String> headers() {
        return headers;
    }
}
