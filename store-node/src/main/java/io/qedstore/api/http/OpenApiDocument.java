package io.qedstore.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.api.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What can be asked of the API, told by the table of its routes, as OpenAPI 3.1. */
final class OpenApiDocument {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String PROBLEM_JSON = "application/problem+json";

    private final RecordSchemas schemas = new RecordSchemas();

    private OpenApiDocument() {}

    static ObjectNode of(List<Route> routes) {
        return new OpenApiDocument().describe(routes);
    }

    private ObjectNode describe(List<Route> routes) {
        ObjectNode document = JSON.objectNode().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "qedstore")
                .put(
                        "description",
                        "A replicated store for virtual machine disk images, as one of its nodes serves it.")
                .put("version", "1");
        document.putArray("servers").addObject().put("url", "/");
        ObjectNode paths = document.putObject("paths");
        for (Route route : routes) {
            ObjectNode path =
                    paths.has(route.path()) ? (ObjectNode) paths.get(route.path()) : paths.putObject(route.path());
            path.set(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        schemas.reference(Problem.class);
        ObjectNode all = document.putObject("components").putObject("schemas");
        schemas.all().forEach(all::set);
        return document;
    }

    private ObjectNode operation(Route route) {
        ObjectNode operation = JSON.objectNode().put("summary", route.summary()).put("operationId", operationId(route));
        if (!route.parameters().isEmpty()) {
            ArrayNode parameters = operation.putArray("parameters");
            route.parameters().forEach(parameter -> parameters.add(parameter(parameter)));
        }
        route.body().ifPresent(body -> {
            ObjectNode request = operation.putObject("requestBody").put("required", body.required());
            ObjectNode content = request.putObject("content").putObject(body.mediaType());
            body.record().ifPresent(record -> content.set("schema", schemas.reference(record)));
        });
        ObjectNode responses = operation.putObject("responses");
        route.answers().forEach(answer -> responses.set(Integer.toString(answer.status()), answer(answer)));
        refusals(route).forEach((status, text) -> responses.set(status, problem(text)));
        return operation;
    }

    /** Such as {@code postImagesNameRename}; no two routes have the same. */
    private static String operationId(Route route) {
        StringBuilder id = new StringBuilder(route.method().toLowerCase(Locale.ROOT));
        for (String word : route.path().replaceFirst("^/v1", "").split("[^A-Za-z0-9]+", -1)) {
            if (!word.isEmpty()) {
                id.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
            }
        }
        return id.toString();
    }

    private static ObjectNode parameter(Parameter parameter) {
        ObjectNode described = JSON.objectNode()
                .put("name", parameter.name())
                .put("in", parameter.place().name().toLowerCase(Locale.ROOT))
                .put("required", parameter.required())
                .put("description", parameter.description());
        ObjectNode schema = described.putObject("schema");
        if (parameter.schema() instanceof Parameter.Schema.WholeNumber range) {
            schema.put("type", "integer").put("minimum", range.least()).put("maximum", range.most());
        } else if (parameter.schema() instanceof Parameter.Schema.OneOf choice) {
            ArrayNode values = schema.put("type", "string").putArray("enum");
            choice.values().forEach(values::add);
        } else {
            schema.put("type", "string");
        }
        return described;
    }

    private ObjectNode answer(Answer answer) {
        ObjectNode described = JSON.objectNode().put("description", answer.description());
        if (!answer.headers().isEmpty()) {
            ObjectNode headers = described.putObject("headers");
            answer.headers()
                    .forEach(name -> headers.putObject(name).putObject("schema").put("type", "string"));
        }
        answer.mediaType().ifPresent(type -> {
            ObjectNode content = described.putObject("content").putObject(type);
            answer.record().ifPresent(record -> content.set("schema", schemas.reference(record)));
        });
        return described;
    }

    /** By status: a status may be of several kinds. */
    private static Map<String, String> refusals(Route route) {
        return route.kinds().stream()
                .collect(Collectors.groupingBy(
                        kind -> Integer.toString(kind.status()),
                        TreeMap::new,
                        Collectors.mapping(
                                kind -> "`" + kind.type() + "`: " + kind.title() + ".",
                                Collectors.collectingAndThen(
                                        Collectors.toList(),
                                        texts -> String.join(
                                                " ", texts.stream().sorted().toList())))));
    }

    private ObjectNode problem(String text) {
        ObjectNode described = JSON.objectNode().put("description", text);
        described.putObject("content").putObject(PROBLEM_JSON).set("schema", schemas.reference(Problem.class));
        return described;
    }
}
