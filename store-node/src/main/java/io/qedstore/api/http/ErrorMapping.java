package io.qedstore.api.http;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpException;

/** The one place that decides which HTTP status an error is. */
final class ErrorMapping {
    private static final Map<String, String> RETRY = Map.of("Retry-After", "1");

    private ErrorMapping() {}

    /** Empty for what nobody has foreseen: the node's own failure. */
    static Optional<Refusal> refusal(Throwable error) {
        if (error instanceof RefusedException refused) {
            return Optional.of(new Refusal(refused.kind(), text(error), refused.headers()));
        } else if (error instanceof ServiceException service) {
            return Optional.of(of(kind(service.error()), text(error)));
        } else if (error instanceof IllegalArgumentException) {
            return Optional.of(of(ProblemKind.INVALID, text(error)));
        } else if (error instanceof InterruptedException) {
            return Optional.of(of(ProblemKind.NOT_READY, "the node closes; ask another, or this one later"));
        } else if (error instanceof HttpException http) {
            return Optional.of(of(kind(http.getCode()), "cannot read the request: " + http.getReason()));
        }
        return Optional.empty();
    }

    static ProblemKind kind(ServiceError error) {
        return switch (error) {
            case INVALID -> ProblemKind.INVALID;
            case NOT_FOUND -> ProblemKind.NOT_FOUND;
            case GONE -> ProblemKind.GONE;
            case CONFLICT -> ProblemKind.CONFLICT;
            case FORBIDDEN -> ProblemKind.FORBIDDEN;
            case NO_ROOM -> ProblemKind.NO_ROOM;
            case UNAVAILABLE -> ProblemKind.UNAVAILABLE;
        };
    }

    /** Of what the HTTP library refuses by itself. */
    static ProblemKind kind(int status) {
        return switch (status) {
            case 404 -> ProblemKind.NO_SUCH_RESOURCE;
            case 405 -> ProblemKind.METHOD_NOT_ALLOWED;
            case 408 -> ProblemKind.REQUEST_TIMEOUT;
            case 413 -> ProblemKind.BODY_TOO_LARGE;
            case 415 -> ProblemKind.UNSUPPORTED_MEDIA_TYPE;
            case 414, 431 -> ProblemKind.HEADER_TOO_LARGE;
            case 501 -> ProblemKind.NOT_IMPLEMENTED;
            case 505 -> ProblemKind.HTTP_VERSION;
            case 503 -> ProblemKind.BUSY;
            default -> status >= 500 ? ProblemKind.INTERNAL : ProblemKind.BAD_REQUEST;
        };
    }

    static Refusal of(ProblemKind kind, String detail) {
        boolean passes = kind == ProblemKind.UNAVAILABLE || kind == ProblemKind.BUSY || kind == ProblemKind.NOT_READY;
        return new Refusal(kind, detail, passes ? RETRY : Map.of());
    }

    private static String text(Throwable error) {
        return error.getMessage() == null ? "no more is known" : error.getMessage();
    }
}
