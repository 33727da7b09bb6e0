package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.api.NodeInfo;
import io.qedstore.security.PeerToken;
import io.qedstore.security.TokenFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A server on a free port, and a client that holds every answer against what the server's own description says. */
final class ApiFixture implements Closeable {
    final InMemoryNodeService node;
    final InetSocketAddress address;

    private final ApiServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonNode described;

    ApiFixture(String id) throws IOException {
        this(new InMemoryNodeService(id), ApiLimits.standard());
    }

    ApiFixture(InMemoryNodeService node, ApiLimits limits) throws IOException {
        this(node, limits, Optional.empty(), PeerToken.NONE);
    }

    ApiFixture(InMemoryNodeService node, ApiLimits limits, Optional<TokenFile> tokens, PeerToken peerToken)
            throws IOException {
        this.node = node;
        PeerTimeouts peers = new PeerTimeouts(
                Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMillis(1500));
        server = new ApiServer(
                node, new ApiSettings(Optional.empty(), tokens, peerToken, limits, peers, Duration.ofSeconds(3)));
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        node.nodes.add(info(node.id, url(), true));
        try {
            described = ApiJson.mapper()
                    .readTree(client.send(request("/v1/openapi.json").build(), HttpResponse.BodyHandlers.ofString())
                            .body());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static NodeInfo info(String id, String url, boolean self) {
        return new NodeInfo(
                id,
                List.of("owner", "replica"),
                url,
                "nbd://127.0.0.1:10809",
                1,
                false,
                InMemoryNodeService.NOW,
                Optional.of(true),
                self);
    }

    void knows(String id, String url) {
        node.nodes.add(info(id, url, false));
    }

    String url() {
        return "http://" + address.getHostString() + ":" + address.getPort();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(30));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder builder) {
        try {
            HttpRequest request = builder.build();
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            isDescribed(request.method(), request.uri().getRawPath(), answer.statusCode());
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every status that a route answers with has to stand in the description. */
    private void isDescribed(String method, String path, int status) {
        for (Map.Entry<String, JsonNode> known : described.get("paths").properties()) {
            JsonNode operation = known.getValue().get(method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT));
            if (path.matches(known.getKey().replaceAll("\\{[a-z]+}", "[^/]+")) && operation != null) {
                assertThat(operation.get("responses").has(Integer.toString(status)))
                        .as("%s %s is described to answer %d", method, known.getKey(), status)
                        .isTrue();
            }
        }
    }

    HttpResponse<byte[]> get(String path) {
        return send(request(path));
    }

    HttpResponse<byte[]> post(String path, String json) {
        return send(withBody("POST", path, json));
    }

    HttpRequest.Builder withBody(String method, String path, String json) {
        return request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(json));
    }

    static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return ApiJson.mapper().readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("(no " + name + ")");
    }

    /** Expects a problem of this kind, in its whole form, and gives its detail. */
    static String problem(HttpResponse<byte[]> answer, ProblemKind kind) {
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(kind.status());
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = json(answer);
        assertThat(problem.get("type").asText()).isEqualTo(kind.type());
        assertThat(problem.get("title").asText()).isEqualTo(kind.title());
        assertThat(problem.get("status").asInt()).isEqualTo(kind.status());
        assertThat(problem.get("instance").asText()).isNotEmpty();
        return problem.get("detail").asText();
    }

    @Override
    public void close() {
        server.close();
    }
}
