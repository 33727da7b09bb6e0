package io.qedstore.api.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Answers what Jetty refuses before any route sees it: no HTTP, headers that are too large, too many requests. */
final class RejectedRequests extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        ProblemKind kind = ErrorMapping.kind(response.getStatus());
        Object reason = request.getAttribute(ERROR_MESSAGE);
        Refusal refusal = ErrorMapping.of(kind, detail(kind, reason));
        response.setStatus(kind.status());
        refusal.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, ProblemAnswers.TYPE);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        byte[] json = ProblemAnswers.json(refusal.at(request.getHttpURI().getPath()));
        response.write(true, ByteBuffer.wrap(json), callback);
        return true;
    }

    private static String detail(ProblemKind kind, @Nullable Object reason) {
        return switch (kind) {
            case BUSY -> "as many requests are worked on, and wait, as may; try again later";
            case INTERNAL -> "the node failed";
            default ->
                "cannot read the request: " + (reason == null ? kind.title() : JsonBody.shown(String.valueOf(reason)));
        };
    }
}
