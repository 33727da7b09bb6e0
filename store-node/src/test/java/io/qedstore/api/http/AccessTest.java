package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.security.Grant;
import io.qedstore.security.PeerToken;
import io.qedstore.security.Role;
import io.qedstore.security.TokenFile;
import io.qedstore.security.TokenSecret;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what with a node's API, where it asks them. */
class AccessTest {
    private final SecureRandom random = new SecureRandom();
    private final Path path;
    private final TokenFile file;
    private ApiFixture server;

    AccessTest(@TempDir Path folder) {
        path = folder.resolve("tokens.json");
        file = new TokenFile(path);
    }

    @BeforeEach
    void start() throws IOException {
        token(Role.ADMIN, Optional.empty());
        server = server("n1", PeerToken.NONE);
        for (String name : List.of("web-1", "web-2", "db-1")) {
            server.node.put(InMemoryNodeService.image(name, "n1"));
        }
    }

    private ApiFixture server(String id, PeerToken peerToken) throws IOException {
        return new ApiFixture(new InMemoryNodeService(id), ApiLimits.standard(), Optional.of(file), peerToken);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String token(Role role, Optional<String> prefix) throws IOException {
        TokenSecret token = TokenSecret.random(random);
        file.change(grants -> {
            List<Grant> more = new ArrayList<>(grants);
            more.add(new Grant(
                    token.id(), "ci", role, prefix, Instant.EPOCH, Optional.of(token.sha256()), Optional.empty()));
            return more;
        });
        return token.text();
    }

    private HttpResponse<byte[]> ask(String token, String method, String path, String json) {
        HttpRequest.Builder request = server.request(path).header("Authorization", "Bearer " + token);
        return json.isEmpty()
                ? server.send(request.method(method, BodyPublishers.noBody()))
                : server.send(request.header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(json)));
    }

    @Test
    void whoDoesNotSayWhoTheyAreIsToldHow() throws IOException {
        HttpResponse<byte[]> none = server.get("/v1/images");
        assertThat(problem(none, ProblemKind.UNAUTHORIZED)).contains("qedstore token create");
        assertThat(header(none, "WWW-Authenticate")).isEqualTo("Bearer realm=\"qedstore\"");
        String stranger = TokenSecret.random(random).text();
        assertThat(problem(ask(stranger, "GET", "/v1/images", ""), ProblemKind.UNAUTHORIZED))
                .contains("not known here")
                .doesNotContain(stranger);
        String reader = token(Role.READER, Optional.empty());
        assertThat(ask(reader, "GET", "/v1/images", "").statusCode()).isEqualTo(200);
        HttpResponse<byte[]> basic =
                server.send(server.request("/v1/images").header("Authorization", "Basic " + reader));
        assertThat(basic.statusCode()).isEqualTo(401);
    }

    @Test
    void whatProbesAskForIsOpenToAll() {
        for (String path : List.of("/health/live", "/health/ready", "/v1/openapi.json")) {
            assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(server.get("/metrics").statusCode()).isEqualTo(401);
    }

    @Test
    void aTokenThatIsRevokedIsNoneFromTheNextRequestOn() throws IOException {
        String token = token(Role.ADMIN, Optional.empty());
        assertThat(ask(token, "GET", "/v1/nodes", "").statusCode()).isEqualTo(200);
        String id = TokenSecret.parse(token).orElseThrow().id();
        file.change(grants ->
                grants.stream().filter(grant -> !grant.id().equals(id)).toList());
        assertThat(ask(token, "GET", "/v1/nodes", "").statusCode()).isEqualTo(401);
    }

    /** Deliberate bug: a route that changes something asks for no more than the right to look. */
    @Test
    void readersChangeNothingWhateverTheyAskFor() throws IOException {
        String reader = token(Role.READER, Optional.empty());
        JsonNode paths = json(server.get("/v1/openapi.json")).get("paths");
        int changes = 0;
        for (Map.Entry<String, JsonNode> each : paths.properties()) {
            String path = each.getKey().replace("{name}", "web-1").replaceAll("\\{[a-z]+\\}", "x");
            for (Iterator<String> methods = each.getValue().fieldNames(); methods.hasNext(); ) {
                String method = methods.next().toUpperCase(Locale.ROOT);
                if (!method.equals("GET")) {
                    changes++;
                    assertThat(ask(reader, method, path, "").statusCode())
                            .as(method + " " + path)
                            .isEqualTo(403);
                }
            }
        }
        assertThat(changes).isGreaterThan(20);
        assertThat(server.node.calls).isEmpty();
        assertThat(problem(ask(reader, "GET", "/v1/copies/x/bytes", ""), ProblemKind.FORBIDDEN))
                .contains("token ci", "takes the role admin");
    }

    @Test
    void operatorsDoWhatCanBeUndone() throws IOException {
        String operator = token(Role.OPERATOR, Optional.empty());
        assertThat(ask(operator, "POST", "/v1/images/web-1/resize", "{\"sizeBytes\":9}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(ask(operator, "POST", "/v1/images/web-1/promote", "{\"node\":\"n1\"}")
                        .statusCode())
                .isEqualTo(200);
        for (List<String> refused : List.of(
                List.of("POST", "/v1/images/web-1/promote", "{\"node\":\"n1\",\"force\":true}"),
                List.of("POST", "/v1/images/web-1/promote", "{\"node\":\"n1\",\"dead\":\"n2\"}"),
                List.of("PATCH", "/v1/images/web-1/retention", "{\"keepBytes\":1}"),
                List.of("POST", "/v1/nodes/n1/drain", "{\"draining\":true}"))) {
            assertThat(problem(ask(operator, refused.get(0), refused.get(1), refused.get(2)), ProblemKind.FORBIDDEN))
                    .contains("takes the role admin");
        }
    }

    @Test
    void whoWasGivenSomeImagesHasNothingToDoWithOthers() throws IOException {
        String web = token(Role.ADMIN, Optional.of("web-"));
        JsonNode page = json(ask(web, "GET", "/v1/images?limit=1", ""));
        assertThat(page.get("items")).hasSize(1);
        assertThat(page.get("next").asText()).isEqualTo("web-1");
        JsonNode next = json(ask(web, "GET", "/v1/images?limit=1&after=web-1", ""));
        assertThat(next.get("items").get(0).get("name").asText()).isEqualTo("web-2");
        assertThat(next.has("next")).isFalse();

        assertThat(ask(web, "GET", "/v1/images/web-1", "").statusCode()).isEqualTo(200);
        assertThat(ask(web, "GET", "/v1/nodes", "").statusCode()).isEqualTo(200);
        for (List<String> refused : List.of(
                List.of("GET", "/v1/images/db-1", ""),
                List.of("GET", "/v1/images/none", ""),
                List.of("GET", "/v1/images/db-1/export", ""),
                List.of("DELETE", "/v1/images/db-1", ""),
                List.of("GET", "/metrics", ""),
                List.of("POST", "/v1/nodes/n1/drain", "{\"draining\":true}"),
                List.of("POST", "/v1/images", "{\"name\":\"db-2\",\"sizeBytes\":1}"),
                List.of("POST", "/v1/images", "{\"name\":\"web-3\",\"from\":\"db-1@latest\"}"),
                List.of("POST", "/v1/images/web-1/rename", "{\"name\":\"db-3\"}"),
                List.of("POST", "/v1/images/web-1/undelete", "{\"name\":\"db-3\"}"),
                List.of("POST", "/v1/snapshots", "{\"images\":[\"web-1\",\"db-1\"]}"))) {
            HttpResponse<byte[]> answer = ask(web, refused.get(0), refused.get(1), refused.get(2));
            assertThat(answer.statusCode()).as(refused.toString()).isEqualTo(403);
        }
        assertThat(server.node.calls.toString()).doesNotContain("db-");
    }

    @Test
    void anIdThatBeginsAsTheirNamesDoIsNoNameOfTheirs() throws IOException {
        String some = token(Role.ADMIN, Optional.of("0123"));
        HttpResponse<byte[]> answer = ask(some, "POST", "/v1/images/01234567-89ab-cdef-0123-456789abcdef/undelete", "");
        assertThat(problem(answer, ProblemKind.FORBIDDEN)).contains("by its name");
        assertThat(server.node.calls).isEmpty();
    }

    @Test
    void whoTriesManyIsPutOffAndKeepsNobodyElseOut() throws IOException {
        String reader = token(Role.READER, Optional.empty());
        for (int i = 0; i < AuthFailures.MOST; i++) {
            assertThat(server.get("/v1/images").statusCode()).isEqualTo(401);
        }
        HttpResponse<byte[]> put = server.get("/v1/images");
        assertThat(problem(put, ProblemKind.TOO_MANY_REQUESTS)).contains("wait ");
        assertThat(Long.parseLong(header(put, "Retry-After"))).isBetween(1L, 61L);
        assertThat(ask(reader, "GET", "/v1/images", "").statusCode()).isEqualTo(200);
    }

    @Test
    void whileTheFileCannotBeReadNobodyIsLetInAndThatIsSaid() throws IOException {
        String admin = token(Role.ADMIN, Optional.empty());
        String good = Files.readString(path);
        Files.writeString(path, "{");
        assertThat(problem(ask(admin, "GET", "/v1/images", ""), ProblemKind.UNAVAILABLE))
                .contains("nobody can be let in now");
        Files.writeString(path, good + "\n");
        assertThat(ask(admin, "GET", "/v1/images", "").statusCode()).isEqualTo(200);
    }

    @Test
    void aRequestIsPassedOnInTheNameOfWhoeverSentIt() throws IOException {
        try (ApiFixture owner = server("n2", PeerToken.NONE)) {
            server.knows("n2", owner.url());
            owner.knows("n1", server.url());
            server.node.put(InMemoryNodeService.image("web-9", "n2"));
            owner.node.put(InMemoryNodeService.image("web-9", "n2"));
            String operator = token(Role.OPERATOR, Optional.of("web-"));
            assertThat(ask(operator, "POST", "/v1/images/web-9/resize", "{\"sizeBytes\":9}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(owner.node.calls).contains("resize web-9 9");
        }
    }

    @Test
    void nodesAskEachOtherInTheirOwnNames() throws IOException {
        Path own = path.resolveSibling("own-token");
        Files.writeString(own, token(Role.ADMIN, Optional.empty()) + "\n");
        String reader = token(Role.READER, Optional.empty());
        try (ApiFixture second = server("n2", PeerToken.NONE);
                ApiFixture asked = server("n3", new PeerToken(Optional.of(own)))) {
            for (ApiFixture each : List.of(second, asked)) {
                each.node.put(InMemoryNodeService.image("web-9", "n3", "n2"));
            }
            asked.knows("n2", second.url());
            HttpResponse<byte[]> copies =
                    asked.send(asked.request("/v1/images/web-9/replicas").header("Authorization", "Bearer " + reader));
            assertThat(json(copies).get("items").toString()).doesNotContain("unreachable");
            Files.writeString(own, "");
            HttpResponse<byte[]> without =
                    asked.send(asked.request("/v1/images/web-9/replicas").header("Authorization", "Bearer " + reader));
            assertThat(json(without).get("items").toString()).contains("unreachable", "holds no token");
        }
    }
}
