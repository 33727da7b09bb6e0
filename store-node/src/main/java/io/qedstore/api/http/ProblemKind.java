package io.qedstore.api.http;

import java.util.Locale;

/**
 * What kinds of problems clients are told of: status, and the title that all of a kind have. Names are part of the interface: the
 * type of a problem is made of them.
 */
enum ProblemKind {
    INVALID(400, "What was asked for makes no sense"),
    BAD_REQUEST(400, "This is no HTTP request that this server understands"),
    MALFORMED_BODY(400, "The body is not the JSON that is expected"),
    UNAUTHORIZED(401, "It is not known who asks"),
    FORBIDDEN(403, "That is not allowed"),
    NOT_FOUND(404, "There is no such thing"),
    NO_SUCH_RESOURCE(404, "Nothing is served under this path"),
    METHOD_NOT_ALLOWED(405, "This cannot be done with that path"),
    REQUEST_TIMEOUT(408, "The request came too slowly"),
    CONFLICT(409, "Something else is in the way"),
    GONE(410, "It was there, and is not any more"),
    PRECONDITION_FAILED(412, "What the request depends on is not so"),
    BODY_TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body is of another type than expected"),
    RANGE_NOT_SATISFIABLE(416, "The file does not have this range"),
    TOO_MANY_REQUESTS(429, "Too many requests of this kind"),
    HEADER_TOO_LARGE(431, "The header is too large"),
    INTERNAL(500, "The node failed"),
    NOT_IMPLEMENTED(501, "This server does not have this part of HTTP"),
    BAD_GATEWAY(502, "The node that has to be asked gave no sensible answer"),
    UNAVAILABLE(503, "The log, or another node, does not answer now"),
    BUSY(503, "The node is busy"),
    NOT_READY(503, "The node does not serve now"),
    GATEWAY_TIMEOUT(504, "The node that has to be asked did not answer in time"),
    HTTP_VERSION(505, "This server does not speak this version of HTTP"),
    /** WebDAV's status for a full disk: it is not the request that has to change, and retrying it soon does not help. */
    NO_ROOM(507, "The disk is too full, or a limit is reached");

    private final int status;
    private final String title;

    ProblemKind(int status, String title) {
        this.status = status;
        this.title = title;
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }

    /** A URN. */
    String type() {
        return "urn:qedstore:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
