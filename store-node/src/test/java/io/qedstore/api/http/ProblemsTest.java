package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is wrong with a request is said in a way that programs and people can use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProblemsTest {
    private ApiFixture api;

    @BeforeAll
    void start() throws IOException {
        api = new ApiFixture("n1");
        api.node.put(InMemoryNodeService.image("a", "n1"));
    }

    @AfterAll
    void stop() {
        api.close();
    }

    private String malformed(String json) {
        return problem(api.post("/v1/images", json), ProblemKind.MALFORMED_BODY);
    }

    @Test
    void malformedJsonIsToldWithItsPlace() {
        assertThat(malformed("{\"name\":\"a\",\n \"sizeBytes\":}")).contains("line 2 column");
        assertThat(malformed("")).contains("expected an object");
        assertThat(malformed("[1]")).contains("found an array, expected an object with [name, sizeBytes,");
        assertThat(malformed("{\"name\":\"a\",\"sizeBytes\":1} x")).contains("line 1 column");
        assertThat(malformed("{\"name\":\"a\",\"name\":\"b\",\"sizeBytes\":1}")).contains("Duplicate");
        assertThat(malformed("[".repeat(5000))).contains("depth");
    }

    @Test
    void allThatIsWrongWithABodyIsToldAtOnce() {
        assertThat(malformed("{\"nam\":\"a\",\"sizeBytes\":\"1\",\"clusterBytes\":4294967296,\"replicas\":[1]}"))
                .contains("unknown property 'nam', did you mean 'name'?")
                .contains("property 'name' is missing, expected a string")
                .contains("property 'sizeBytes': found a string, expected a whole number")
                .contains("property 'clusterBytes': found the number 4294967296, expected a whole number of 32 bits")
                .contains("property 'replicas': found an array, expected an array of strings");
        assertThat(malformed("{\"name\":null,\"sizeBytes\":1.5}"))
                .contains("'name' is missing")
                .contains("found the number 1.5");
    }

    // Deliberate bug: of the characters that command a terminal, those of ASCII alone are left out.
    @Test
    void whatIsToldCommandsNoTerminal() {
        assertThat(malformed("{\"a\\u001b[2J\u009b2J\":1}")).contains("unknown property 'a?[2J?2J'");
    }

    @Test
    void anOptionalPropertyMayBeNull() {
        assertThat(api.post("/v1/images/a/promote", "{\"node\":\"n1\",\"force\":null}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void bodiesOfOtherTypesAreRefused() {
        HttpResponse<byte[]> answer = api.send(
                api.request("/v1/images").header("Content-Type", "text/plain").POST(BodyPublishers.ofString("{}")));
        assertThat(problem(answer, ProblemKind.UNSUPPORTED_MEDIA_TYPE)).contains("'text/plain'");
        assertThat(header(answer, "Accept")).isEqualTo("application/json");
        problem(
                api.send(api.withBody("POST", "/v1/images", "{}").header("Content-Encoding", "gzip")),
                ProblemKind.UNSUPPORTED_MEDIA_TYPE);
        problem(
                api.send(api.request("/v1/images").POST(BodyPublishers.ofString("{}"))),
                ProblemKind.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void bodiesThatAreTooLargeAreRefused() {
        String tooLarge = "{\"name\":\"" + "x".repeat(1 << 20) + "\"}";
        HttpResponse<byte[]> answer = api.post("/v1/images", tooLarge);
        problem(answer, ProblemKind.BODY_TOO_LARGE);
        assertThat(header(answer, "Connection")).isEqualTo("close");
        problem(
                api.send(api.request("/v1/images")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(tooLarge.getBytes(UTF_8))))),
                ProblemKind.BODY_TOO_LARGE);
    }

    @Test
    void unknownPathsAreProblems() {
        for (String path : new String[] {"/v2", "/v1/image", "/v1/images/a/b/c", "/v1/images/", "/"}) {
            assertThat(problem(api.get(path), ProblemKind.NO_SUCH_RESOURCE)).contains("/v1/openapi.json");
        }
    }

    @Test
    void otherMethodsAreToldWhichToUse() {
        HttpResponse<byte[]> answer = api.send(api.request("/v1/images").DELETE());
        assertThat(problem(answer, ProblemKind.METHOD_NOT_ALLOWED)).contains("DELETE");
        assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD, POST, OPTIONS");
        problem(
                api.send(api.request("/v1/images/a").method("FOO", BodyPublishers.noBody())),
                ProblemKind.METHOD_NOT_ALLOWED);
        HttpResponse<byte[]> options = api.send(api.request("/v1/images/a").method("OPTIONS", BodyPublishers.noBody()));
        assertThat(options.statusCode()).isEqualTo(204);
        assertThat(header(options, "Allow")).isEqualTo("GET, HEAD, PATCH, DELETE, OPTIONS");
    }

    @ParameterizedTest
    @EnumSource(ServiceError.class)
    void everyRefusalOfTheNodeComesThrough(ServiceError error) {
        ProblemKind kind = ErrorMapping.kind(error);
        api.node.trouble = name -> {
            throw new ServiceException(error, "because of " + error);
        };
        try {
            HttpResponse<byte[]> answer = api.post("/v1/images", "{\"name\":\"x\",\"sizeBytes\":1}");
            assertThat(problem(answer, kind)).isEqualTo("because of " + error);
            assertThat(answer.headers().map().containsKey("retry-after")).isEqualTo(kind.status() == 503);
        } finally {
            api.node.trouble = name -> {};
        }
    }

    @Test
    void whatNobodyHasForeseenStaysInTheLog() {
        for (Exception trouble : new Exception[] {
            new IllegalStateException("secret"),
            new IOException("secret"),
            new IOException("secret", new TimeoutException())
        }) {
            api.node.trouble = name -> {
                if (trouble instanceof IOException io) {
                    throw io;
                }
                throw (RuntimeException) trouble;
            };
            try {
                HttpResponse<byte[]> answer = api.get("/v1/images");
                String detail = problem(answer, ProblemKind.INTERNAL);
                String id = json(answer).get("instance").asText();
                assertThat(id).startsWith("urn:uuid:");
                assertThat(detail).contains(id).doesNotContain("secret");
            } finally {
                api.node.trouble = name -> {};
            }
        }
    }

    @Test
    void anErrorOfTheVirtualMachineIsAProblemToo() {
        api.node.trouble = name -> {
            throw new StackOverflowError("secret");
        };
        try {
            assertThat(problem(api.get("/v1/images"), ProblemKind.INTERNAL)).doesNotContain("secret");
        } finally {
            api.node.trouble = name -> {};
        }
    }

    @Test
    void pagesOfOthersCannotChangeAnything() {
        problem(
                api.send(api.request("/v1/images/a")
                        .header("Origin", "http://evil.example")
                        .DELETE()),
                ProblemKind.FORBIDDEN);
        problem(api.send(api.request("/v1/images/a").header("Origin", "null").DELETE()), ProblemKind.FORBIDDEN);
        assertThat(api.send(api.withBody("PATCH", "/v1/images/a", "{}").header("Origin", api.url()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void answersAreNotToBeKeptOrGuessedAt() {
        Map<String, List<String>> headers = api.get("/v1/nodes").headers().map();
        assertThat(headers.get("cache-control")).containsExactly("no-store");
        assertThat(headers.get("x-content-type-options")).containsExactly("nosniff");
        assertThat(headers).containsKey("date").doesNotContainKey("server");
        assertThat(headers.keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("set-cookie"));
    }
}
