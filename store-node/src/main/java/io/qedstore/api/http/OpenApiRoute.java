package io.qedstore.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The document that describes the API, which it is part of itself. */
final class OpenApiRoute {
    private OpenApiRoute() {}

    /** Makes the document of all routes of the table and its own, which it adds. */
    static void addTo(List<Route> table) {
        AtomicReference<byte[]> document = new AtomicReference<>(new byte[0]);
        table.add(Route.get("/v1/openapi.json", "This description")
                .answers(Answer.of(200, "OpenAPI 3.1.", Answer.JSON))
                .about(Route.Scope.OPEN)
                .by(call -> call.context().contentType(Answer.JSON).result(document.get())));
        try {
            document.set(ApiJson.mapper().writeValueAsBytes(OpenApiDocument.of(table)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }
}
