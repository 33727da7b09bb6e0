package io.qedstore.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.javalin.http.Context;
import io.qedstore.api.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what could not be done. */
final class ProblemAnswers {
    static final String TYPE = "application/problem+json";

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAnswers.class);

    private final List<Route> routes;

    ProblemAnswers(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    void answer(Throwable error, Context context) {
        if (context.res().isCommitted()) {
            if (!(error instanceof Transfer.ClientGoneException)) {
                LOG.error("an answer to {} {} broke off", context.req().getMethod(), context.path(), error);
            }
            Connections.abort(context);
        } else {
            if (error instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            ErrorMapping.refusal(error)
                    .ifPresentOrElse(refusal -> write(refusal, context.path(), context), () -> failed(error, context));
        }
    }

    /** The node's fault: what it was stays in its log. */
    private static void failed(Throwable error, Context context) {
        String id = "urn:uuid:" + UUID.randomUUID();
        LOG.error("failed at {} {}: {}", context.req().getMethod(), context.path(), id, error);
        write(new Refusal(ProblemKind.INTERNAL, "the node failed; its log says more under " + id), id, context);
    }

    /** Javalin has found nothing: there is no such path, or another method has to be used. */
    void noRoute(Context context) {
        Set<String> allowed = new LinkedHashSet<>();
        for (Route route : routes) {
            if (route.matches(context.path())) {
                allowed.add(route.method());
                if (route.method().equals("GET")) {
                    allowed.add("HEAD");
                }
            }
        }
        if (allowed.isEmpty()) {
            write(
                    new Refusal(
                            ProblemKind.NO_SUCH_RESOURCE,
                            "nothing is served under this path; /v1/openapi.json tells what is"),
                    context.path(),
                    context);
            return;
        }
        allowed.add("OPTIONS");
        context.res().setHeader("Allow", String.join(", ", allowed));
        if (context.req().getMethod().equals("OPTIONS")) {
            context.status(204).result("");
            return;
        }
        write(
                new Refusal(
                        ProblemKind.METHOD_NOT_ALLOWED,
                        "found method " + JsonBody.shown(context.req().getMethod()) + ", expected one of " + allowed),
                context.path(),
                context);
    }

    private static void write(Refusal refusal, String instance, Context context) {
        refusal.headers().forEach((name, value) -> context.res().setHeader(name, value));
        context.status(refusal.kind().status()).contentType(TYPE).result(json(refusal.at(instance)));
    }

    static byte[] json(Problem problem) {
        try {
            return ApiJson.mapper().writeValueAsBytes(problem);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of strings is always JSON", e);
        }
    }
}
