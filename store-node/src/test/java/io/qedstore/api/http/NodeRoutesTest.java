package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeRoutesTest {
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
    void nodesAndTheClusterAreTold() {
        api.knows("n2", "http://127.0.0.1:1");
        assertThat(json(api.get("/v1/nodes")).get("items")).hasSize(2);
        assertThat(json(api.get("/v1/nodes/n2")).get("api").asText()).isEqualTo("http://127.0.0.1:1");
        assertThat(problem(api.get("/v1/nodes/n3"), ProblemKind.NOT_FOUND)).contains("'n3'");
        JsonNode cluster = json(api.get("/v1/cluster"));
        assertThat(cluster.get("catalogOffset").asInt()).isEqualTo(42);
        assertThat(cluster.get("findings")).hasSize(1);
    }

    @Test
    void aNodeThatDoesNotServeIsAliveAllTheSame() {
        assertThat(api.get("/health/ready").statusCode()).isEqualTo(200);
        api.node.notReady = "the catalog is folded up to 3 of 9";
        HttpResponse<byte[]> ready = api.get("/health/ready");
        assertThat(problem(ready, ProblemKind.NOT_READY)).isEqualTo("the catalog is folded up to 3 of 9");
        assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsAreWhatPrometheusReads() {
        HttpResponse<byte[]> metrics = api.get("/metrics");
        assertThat(header(metrics, "Content-Type")).isEqualToIgnoringCase("text/plain; version=0.0.4; charset=utf-8");
        assertThat(new String(metrics.body(), UTF_8)).endsWith("qedstore_images 0\n");
    }

    @Test
    void snapshotsAreMadeListedAndForgotten() {
        api.node.put(InMemoryNodeService.image("a", "n1"));
        assertThat(api.post("/v1/images/a/snapshots", "{\"name\":\"s/1\"}").statusCode())
                .isEqualTo(201);
        JsonNode snapshot = json(api.get("/v1/images/a/snapshots")).get("items").get(0);
        assertThat(snapshot.get("pointAt").asText()).isEqualTo("2026-11-27T12:00:00.123456Z");
        HttpResponse<byte[]> gone =
                api.send(api.request("/v1/images/a/snapshots/s%2F1").DELETE());
        assertThat(gone.statusCode()).isEqualTo(204);
        assertThat(gone.body()).isEmpty();
        assertThat(gone.headers().map()).doesNotContainKey("content-type");
        problem(api.send(api.request("/v1/images/a/snapshots/s%2F1").DELETE()), ProblemKind.NOT_FOUND);
    }
}
