package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes, of which one is asked for what is the other's. */
class ForwardingTest {
    private ApiFixture asked;
    private ApiFixture owner;

    @BeforeEach
    void start() throws IOException {
        asked = new ApiFixture("n1");
        owner = new ApiFixture("n2");
        asked.knows("n2", owner.url() + "/");
        owner.knows("n1", asked.url());
        asked.node.put(InMemoryNodeService.image("a b", "n2", "n1", "n3"));
        owner.node.put(InMemoryNodeService.image("a b", "n2", "n1", "n3"));
    }

    @AfterEach
    void stop() {
        asked.close();
        owner.close();
    }

    @Test
    void theNodeThatCanDoItDoesIt() {
        HttpResponse<byte[]> answer = asked.post("/v1/images", "{\"name\":\"x y\",\"sizeBytes\":1,\"owner\":\"n2\"}");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(header(answer, "Location")).isEqualTo("/v1/images/x%20y");
        assertThat(json(answer).get("owner").asText()).isEqualTo("n2");
        assertThat(owner.node.images).containsKey("x y");
        assertThat(asked.post("/v1/images/a%20b/resize", "{\"sizeBytes\":2}").statusCode())
                .isEqualTo(200);
        assertThat(owner.node.calls).contains("resize a b 2");
        assertThat(asked.send(asked.request("/v1/images/a%20b").DELETE()).statusCode())
                .isEqualTo(200);
        assertThat(problem(asked.post("/v1/images/a%20b/resize", "{\"sizeBytes\":2}"), ProblemKind.NOT_FOUND))
                .contains("'a b'");
    }

    @Test
    void downloadsGoThroughWithAllThatBelongsToThem() {
        byte[] file = new byte[500_000];
        new Random(3).nextBytes(file);
        owner.node.file = file;
        HttpResponse<byte[]> whole = asked.get("/v1/images/a%20b/export?form=exact");
        assertThat(whole.body()).isEqualTo(file);
        assertThat(owner.node.calls).contains("export a b true -");
        HttpResponse<byte[]> part = asked.send(asked.request("/v1/images/a%20b/export")
                .headers("Range", "bytes=400000-", "If-Range", header(whole, "ETag")));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(file, 400_000, 500_000));
        for (String name : new String[] {"ETag", "Repr-Digest", "Content-Disposition", "X-Qedstore-Sequence"}) {
            assertThat(header(part, name)).isEqualTo(header(whole, name)).doesNotStartWith("(no");
        }
        HttpResponse<byte[]> head =
                asked.send(asked.request("/v1/images/a%20b/export").method("HEAD", BodyPublishers.noBody()));
        assertThat(header(head, "Content-Length")).isEqualTo("500000");
    }

    @Test
    void nodesThatPointAtEachOtherAreToldAndNotFollowed() {
        owner.node.put(InMemoryNodeService.image("a b", "n1"));
        assertThat(problem(asked.post("/v1/images/a%20b/resize", "{\"sizeBytes\":2}"), ProblemKind.UNAVAILABLE))
                .contains("was forwarded to this node already")
                .contains("ask node 'n1' itself");
    }

    @Test
    void aNodeThatIsNotThereIsSaidToBeSo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            asked.knows("n4", "http://127.0.0.1:" + taken.getLocalPort());
        }
        HttpResponse<byte[]> down = asked.post("/v1/images", "{\"name\":\"x\",\"sizeBytes\":1,\"owner\":\"n4\"}");
        assertThat(problem(down, ProblemKind.UNAVAILABLE)).contains("nothing was done");
        assertThat(header(down, "Retry-After")).isEqualTo("1");
        assertThat(problem(
                        asked.post("/v1/images", "{\"name\":\"x\",\"sizeBytes\":1,\"owner\":\"n5\"}"),
                        ProblemKind.UNAVAILABLE))
                .contains("'n5' has not announced");
        asked.knows("n6", "no url");
        problem(asked.post("/v1/images", "{\"name\":\"x\",\"sizeBytes\":1,\"owner\":\"n6\"}"), ProblemKind.BAD_GATEWAY);
    }

    @Test
    void allCopiesAreTold() throws IOException {
        asked.node.copies.put("a b", InMemoryNodeService.copy("n1", "replica"));
        owner.node.copies.put("a b", InMemoryNodeService.copy("n2", "owner"));
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            asked.knows("n3", "http://127.0.0.1:" + silent.getLocalPort());
            JsonNode copies = json(asked.get("/v1/images/a%20b/replicas")).get("items");
            assertThat(copies).hasSize(3);
            assertThat(copies.get(0).get("node").asText()).isEqualTo("n1");
            assertThat(copies.get(1))
                    .isEqualTo(json(owner.get("/v1/images/a%20b/replicas?local=true"))
                            .get("items")
                            .get(0));
            assertThat(copies.get(2).get("state").asText()).isEqualTo("unreachable");
            assertThat(copies.get(2).get("role").asText()).isEqualTo("replica");
            assertThat(copies.get(2).get("detail").asText()).contains("no answer within 1500 ms");
        }
        assertThat(json(asked.get("/v1/images/a%20b/replicas?local=true")).get("items"))
                .hasSize(1);
    }

    @Test
    void copiesThatCannotBeAskedForAreToldToo() {
        owner.node.images.clear();
        JsonNode copies = json(asked.get("/v1/images/a%20b/replicas")).get("items");
        assertThat(copies).hasSize(2);
        assertThat(copies.get(0).get("detail").asText()).contains("status 404");
        assertThat(copies.get(1).get("detail").asText()).contains("has not announced");
        owner.node.put(InMemoryNodeService.image("a b", "n2", "n1"));
        assertThat(json(asked.get("/v1/images/a%20b/replicas"))
                        .get("items")
                        .get(0)
                        .get("state")
                        .asText())
                .isEqualTo("missing");
    }
}
