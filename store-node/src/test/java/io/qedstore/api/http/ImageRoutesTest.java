package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageRoutesTest {
    private ApiFixture api;

    @BeforeEach
    void start() throws IOException {
        api = new ApiFixture("n1");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void pagesFollowEachOtherToTheEnd() {
        for (int i = 0; i < 250; i++) {
            api.node.put(InMemoryNodeService.image(String.format("i%03d", i), "n1"));
        }
        List<String> names = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String query = "";
        while (true) {
            JsonNode page = json(api.get("/v1/images" + query));
            page.get("items").forEach(image -> names.add(image.get("name").asText()));
            sizes.add(page.get("items").size());
            if (!page.has("next")) {
                break;
            }
            query = "?after=" + page.get("next").asText();
        }
        assertThat(names).hasSize(250).doesNotHaveDuplicates().isSorted();
        assertThat(sizes).containsExactly(100, 100, 50);
    }

    @Test
    void howMuchHistoryIsKeptIsToldChangedAndForeseen() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        assertThat(json(api.get("/v1/images/a/retention")).get("floor").asLong())
                .isEqualTo(7);
        assertThat(json(api.get("/v1/images/a/retention/plan"))
                        .get("going")
                        .get("lastEvent")
                        .asLong())
                .isEqualTo(8);
        assertThat(api.get("/v1/images/none/retention").statusCode()).isEqualTo(404);
    }

    @Test
    void aPageThatTakesAllHasNoNext() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        api.node.put(InMemoryNodeService.image("b", "n1"));
        assertThat(json(api.get("/v1/images?limit=2")).has("next")).isFalse();
        assertThat(json(api.get("/v1/images?limit=1")).get("next").asText()).isEqualTo("a");
        assertThat(json(api.get("/v1/images?after=b")).get("items")).isEmpty();
    }

    @Test
    void limitsAreWithinBounds() {
        for (String limit : List.of("0", "1001", "-1", "x", "", "99999999999999999999")) {
            assertThat(problem(api.get("/v1/images?limit=" + limit), ProblemKind.INVALID))
                    .contains("'limit'")
                    .contains("a number from 1 to 1000");
        }
        assertThat(api.get("/v1/images?limit=1000").statusCode()).isEqualTo(200);
    }

    @Test
    void unknownOrDoubledParametersAreRefused() {
        assertThat(problem(api.get("/v1/images?limt=5"), ProblemKind.INVALID)).contains("did you mean 'limit'?");
        assertThat(problem(api.get("/v1/images?limit=5&limit=6"), ProblemKind.INVALID))
                .contains("2 times");
        assertThat(problem(api.get("/v1/images?trash=yes"), ProblemKind.INVALID))
                .contains("[true, false]");
        assertThat(problem(api.get("/v1/nodes?x=1"), ProblemKind.INVALID)).contains("expected none");
    }

    @Test
    void theTrashIsAListOfItsOwn() {
        api.node.trash.put("old", InMemoryNodeService.image("old", "n1"));
        JsonNode page = json(api.get("/v1/images?trash=true"));
        assertThat(page.get("items").get(0).get("name").asText()).isEqualTo("old");
        String id = page.get("items").get(0).get("id").asText();
        assertThat(json(api.get("/v1/images?trash=true&after=" + id)).get("items"))
                .isEmpty();
    }

    @Test
    void anImageIsCreatedAndSaysWhereItIs() {
        HttpResponse<byte[]> answer =
                api.post("/v1/images", "{\"name\":\"a b\",\"sizeBytes\":1048576,\"limitIops\":7}");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(header(answer, "Location")).isEqualTo("/v1/images/a%20b");
        assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(api.node.calls)
                .anyMatch(call -> call.contains("limitIops=OptionalLong[7]") && call.contains("cache=Optional.empty"));
        JsonNode image = json(api.get(header(answer, "Location")));
        assertThat(image.get("life").asText()).isEqualTo("live");
        assertThat(image.get("createdAt").asText()).isEqualTo("2026-11-27T12:00:00.123456Z");
        assertThat(image.has("deletedAt")).isFalse();
        assertThat(image.has("copy")).isFalse();
        assertThat(image.get("settings").has("limitIops")).isFalse();
        assertThat(image.get("settings").get("limitBps").asLong()).isEqualTo(5);
    }

    @Test
    void whatTheNodeRefusesIsAProblem() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        assertThat(problem(api.post("/v1/images", "{\"name\":\"a\",\"sizeBytes\":1}"), ProblemKind.CONFLICT))
                .isEqualTo("image 'a' exists already");
        assertThat(problem(api.post("/v1/images", "{\"name\":\"b\",\"sizeBytes\":0}"), ProblemKind.INVALID))
                .isEqualTo("a size of 0, expected more than 0");
        assertThat(problem(api.get("/v1/images/nope"), ProblemKind.NOT_FOUND)).isEqualTo("there is no image 'nope'");
    }

    @Test
    void anImageIsChanged() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        assertThat(api.send(api.withBody("PATCH", "/v1/images/a", "{\"cache\":\"writethrough\",\"limitBps\":0}"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(api.post("/v1/images/a/resize", "{\"sizeBytes\":2097152}").statusCode())
                .isEqualTo(200);
        assertThat(json(api.post("/v1/images/a/rename", "{\"name\":\"b\"}"))
                        .get("name")
                        .asText())
                .isEqualTo("b");
        assertThat(api.post("/v1/images/b/promote", "{\"node\":\"n1\",\"force\":true}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(api.send(api.request("/v1/images/b").DELETE()).statusCode()).isEqualTo(200);
        assertThat(json(api.post("/v1/images/b/undelete", "{\"name\":\"c\"}"))
                        .get("name")
                        .asText())
                .isEqualTo("c");
        assertThat(api.node.calls)
                .contains("resize a 2097152", "promote b n1 true", "undelete b c")
                .anyMatch(call -> call.startsWith("configure a") && call.contains("limitBps=OptionalLong[0]"));
    }

    @Test
    void anOptionalBodyMayBeMissing() {
        api.node.trash.put("b", InMemoryNodeService.image("b", "n1"));
        HttpResponse<byte[]> answer =
                api.send(api.request("/v1/images/b/undelete").method("POST", HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(api.node.calls).contains("undelete b -");
    }

    @Test
    void whateverIsEncodedInAPathIsAName() {
        for (String name :
                List.of("..%2f..%2fetc%2fpasswd", "%2e%2e", "%2E", "a%2Fb", "a%252Fb", "a+b", "%C3%BC", "a%3Bb")) {
            problem(api.get("/v1/images/" + name), ProblemKind.NOT_FOUND);
        }
        assertThat(api.node.calls)
                .containsExactly(
                        "image ../../etc/passwd",
                        "image ..",
                        "image .",
                        "image a/b",
                        "image a%2Fb",
                        "image a+b",
                        "image \u00fc",
                        "image a;b");
    }

    @Test
    void headIsGetWithoutABody() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        HttpResponse<byte[]> head =
                api.send(api.request("/v1/images/a").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo(header(api.get("/v1/images/a"), "Content-Length"));
        assertThat(head.body()).isEmpty();
    }
}
