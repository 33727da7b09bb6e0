package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.Problem;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The document says what the server does: neither less nor more. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiDocumentTest {
    private static final Set<String> METHODS = Set.of("get", "post", "patch", "delete", "put");

    private ApiFixture api;
    private JsonNode document;

    @BeforeAll
    void start() throws IOException {
        api = new ApiFixture("n1");
        document = ApiFixture.json(api.get("/v1/openapi.json"));
    }

    @AfterAll
    void stop() {
        api.close();
    }

    @Test
    void aParserThatWeHaveNotWrittenFindsNothingWrong() {
        SwaggerParseResult result = new OpenAPIV3Parser()
                .readContents(new String(api.get("/v1/openapi.json").body(), UTF_8));
        assertThat(result.getMessages()).isEmpty();
        assertThat(result.getOpenAPI().getPaths()).hasSize(document.get("paths").size());
    }

    @Test
    void theContractsPathsAreThereAndNoOthers() {
        Set<String> operations = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            path.getValue()
                    .fieldNames()
                    .forEachRemaining(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
        }
        assertThat(operations)
                .containsExactlyInAnyOrder(
                        "GET /v1/images",
                        "GET /v1/images/{name}/retention",
                        "PATCH /v1/images/{name}/retention",
                        "GET /v1/images/{name}/retention/plan",
                        "POST /v1/images/{name}/rewind",
                        "GET /v1/images/{name}/rewind/plan",
                        "POST /v1/snapshots",
                        "POST /v1/images/{name}/hold",
                        "GET /v1/images/{name}/hold/{token}",
                        "DELETE /v1/images/{name}/hold/{token}",
                        "GET /v1/images/{name}/history",
                        "POST /v1/images/{name}/verify",
                        "GET /v1/images/{name}/verify",
                        "POST /v1/images",
                        "GET /v1/images/{name}",
                        "PATCH /v1/images/{name}",
                        "DELETE /v1/images/{name}",
                        "POST /v1/images/{name}/rename",
                        "POST /v1/images/{name}/resize",
                        "POST /v1/images/{name}/undelete",
                        "POST /v1/images/{name}/promote",
                        "GET /v1/images/{name}/snapshots",
                        "POST /v1/images/{name}/snapshots",
                        "DELETE /v1/images/{name}/snapshots/{snapshot}",
                        "GET /v1/images/{name}/replicas",
                        "POST /v1/images/{name}/replicas",
                        "DELETE /v1/images/{name}/replicas/{node}",
                        "POST /v1/images/{name}/scrub",
                        "GET /v1/copies/{id}/bytes",
                        "POST /v1/nodes/{id}/drain",
                        "POST /v1/images/{name}/import",
                        "GET /v1/images/{name}/import/{id}",
                        "DELETE /v1/images/{name}/import/{id}",
                        "PUT /v1/images/{name}/import/{id}/bytes",
                        "POST /v1/images/{name}/import/{id}/finish",
                        "GET /v1/images/{name}/export",
                        "GET /v1/images/{name}/export/extents",
                        "GET /v1/nodes",
                        "GET /v1/nodes/{id}",
                        "GET /v1/cluster",
                        "GET /v1/openapi.json",
                        "GET /health/live",
                        "GET /health/ready",
                        "GET /metrics");
    }

    @Test
    void whatIsDescribedIsServedAndWhatIsNotIsNot() {
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            String asked = path.getKey().replaceAll("\\{[a-z]+}", "x");
            for (String method : METHODS) {
                int status = api.send(
                                api.request(asked).method(method.toUpperCase(Locale.ROOT), BodyPublishers.noBody()))
                        .statusCode();
                assertThat(status == 405)
                        .as("%s %s: %d", method, path.getKey(), status)
                        .isEqualTo(!path.getValue().has(method));
            }
        }
    }

    @Test
    void pathsAndTheirParametersAgree() {
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (JsonNode operation : path.getValue()) {
                Set<String> inPath = new TreeSet<>();
                for (JsonNode parameter : operation.withArray("parameters")) {
                    if (parameter.get("in").asText().equals("path")) {
                        inPath.add("{" + parameter.get("name").asText() + "}");
                    }
                }
                assertThat(inPath)
                        .containsExactlyInAnyOrderElementsOf(
                                Arrays.stream(path.getKey().split("/"))
                                        .filter(segment -> segment.startsWith("{"))
                                        .toList());
            }
        }
    }

    @Test
    void recordsAreDescribedAsTheyAre() {
        for (Class<? extends Record> type : List.of(ImageInfo.class, NewImageRequest.class, Problem.class)) {
            JsonNode schema = document.at("/components/schemas/" + type.getSimpleName());
            assertThat(schema.get("properties").properties().stream()
                            .map(Map.Entry::getKey)
                            .toList())
                    .isEqualTo(Arrays.stream(type.getRecordComponents())
                            .map(component -> component.getName())
                            .toList());
        }
        JsonNode request = document.at("/components/schemas/NewImageRequest");
        assertThat(request.get("required")).hasToString("[\"name\"]");
        assertThat(request.at("/properties/replicas/items/type").asText()).isEqualTo("string");
        assertThat(document.at("/components/schemas/ImageInfo/properties/copy/$ref")
                        .asText())
                .isEqualTo("#/components/schemas/CopyInfo");
    }

    /** What is sent is held against the schemas, both ways: nothing that is not described, all that is required. */
    @Test
    void answersAreWhatTheirSchemasSay() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        api.node.copies.put("a", InMemoryNodeService.copy("n1", "owner"));
        fits(ApiFixture.json(api.get("/v1/images")), "ImagePage");
        fits(ApiFixture.json(api.get("/v1/images/a/replicas")), "CopyList");
        fits(ApiFixture.json(api.get("/v1/images/a/history")), "HistoryItems");
        fits(ApiFixture.json(api.post("/v1/images/a/verify", "")), "Verification");
        fits(ApiFixture.json(api.get("/v1/nodes")), "NodeList");
        fits(ApiFixture.json(api.get("/v1/cluster")), "ClusterInfo");
        fits(ApiFixture.json(api.get("/v1/images/a/export/extents")), "ExportExtents");
        fits(ApiFixture.json(api.post("/v1/images/a/snapshots", "{}")), "SnapshotInfo");
        fits(ApiFixture.json(api.get("/v1/images/b")), "Problem");
    }

    private void fits(JsonNode value, String schemaName) {
        JsonNode schema = document.at("/components/schemas/" + schemaName);
        for (JsonNode required : schema.withArray("required")) {
            assertThat(value.has(required.asText()))
                    .as("%s.%s", schemaName, required)
                    .isTrue();
        }
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            JsonNode property = schema.get("properties").get(member.getKey());
            assertThat(property).as("%s.%s", schemaName, member.getKey()).isNotNull();
            JsonNode reference = property.has("items") ? property.get("items").get("$ref") : property.get("$ref");
            if (reference != null) {
                String name = reference.asText().replaceFirst(".*/", "");
                (property.has("items") ? member.getValue() : List.of(member.getValue()))
                        .forEach(item -> fits(item, name));
            }
        }
    }
}
