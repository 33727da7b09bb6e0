package io.qedstore.api.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request, checked against its route, and what it is answered. Of one thread. */
final class Call {
    private final Context context;
    private final Route route;
    private final ApiLimits limits;
    private final Visitor visitor;
    private byte @Nullable [] body;

    /** @throws RefusedException if it has query parameters that the route does not know */
    Call(Context context, Route route, ApiLimits limits, Visitor visitor) throws RefusedException {
        this.context = context;
        this.route = route;
        this.limits = limits;
        this.visitor = visitor;
        List<String> known = route.parameters().stream()
                .filter(parameter -> parameter.place() == Parameter.Place.QUERY)
                .map(Parameter::name)
                .toList();
        for (String name : context.queryParamMap().keySet()) {
            if (!known.contains(name)) {
                throw invalid(
                        "unknown parameter '" + JsonBody.shown(name) + "' in the query" + JsonBody.meant(name, known));
            }
        }
    }

    Context context() {
        return context;
    }

    Route route() {
        return route;
    }

    /** Whose it is: they may do what the route does with the image of its path. */
    Visitor visitor() {
        return visitor;
    }

    /** Decoded, and nothing but a name, whatever is in it. */
    String path(Parameter parameter) {
        return context.pathParam(parameter.name());
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(context.header(name));
    }

    /** Empty if it is not there. */
    Optional<String> query(Parameter parameter) throws RefusedException {
        List<String> values = context.queryParams(parameter.name());
        if (values.size() > 1) {
            throw invalid("parameter '" + parameter.name() + "' is there " + values.size() + " times, expected once");
        }
        Optional<String> value = values.stream().findFirst();
        if (value.isPresent()
                && parameter.schema() instanceof Parameter.Schema.OneOf choice
                && !choice.values().contains(value.get())) {
            throw invalid("parameter '" + parameter.name() + "': found '" + JsonBody.shown(value.get())
                    + "', expected one of " + choice.values());
        }
        return value;
    }

    boolean flag(Parameter parameter) throws RefusedException {
        return query(parameter).filter("true"::equals).isPresent();
    }

    int number(Parameter parameter, int otherwise) throws RefusedException {
        Optional<String> value = query(parameter);
        if (value.isEmpty() || !(parameter.schema() instanceof Parameter.Schema.WholeNumber range)) {
            return otherwise;
        }
        if (value.get().matches("\\d{1,9}")) {
            int number = Integer.parseInt(value.get());
            if (number >= range.least() && number <= range.most()) {
                return number;
            }
        }
        throw invalid("parameter '" + parameter.name() + "': found '" + JsonBody.shown(value.get())
                + "', expected a number from " + range.least() + " to " + range.most());
    }

    /** A number of bytes. */
    long bytes(Parameter parameter, long otherwise) throws RefusedException {
        String text = query(parameter).orElse(String.valueOf(otherwise));
        if (!text.matches("\\d{1,18}")) {
            throw invalid("parameter '" + parameter.name() + "': found '" + JsonBody.shown(text)
                    + "', expected a number of bytes");
        }
        return Long.parseLong(text);
    }

    /** The bytes of the body; read once. */
    byte[] body() throws IOException, RefusedException {
        if (body == null) {
            body = BodyReader.read(context.req(), limits.bodyBytes(), limits.bodyTimeout());
        }
        return body;
    }

    <R extends Record> R body(Class<R> type) throws IOException, RefusedException {
        return JsonBody.read(jsonBody(), type);
    }

    /** Empty if there is no body. */
    <R extends Record> Optional<R> optionalBody(Class<R> type) throws IOException, RefusedException {
        return body().length == 0 ? Optional.empty() : Optional.of(JsonBody.read(jsonBody(), type));
    }

    private byte[] jsonBody() throws IOException, RefusedException {
        BodyReader.requireJson(context.req());
        return body();
    }

    void answer(int status, Record json) throws IOException {
        context.status(status).contentType(Answer.JSON);
        context.result(ApiJson.mapper().writeValueAsBytes(json));
    }

    void answerNothing() {
        context.status(204);
        context.res().setContentType(null);
    }

    private static RefusedException invalid(String detail) {
        return new RefusedException(ProblemKind.INVALID, detail);
    }
}
