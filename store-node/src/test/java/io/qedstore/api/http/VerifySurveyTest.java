package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes that have copies, a third that is silent, and a fourth that nobody has heard of. */
class VerifySurveyTest {
    private ApiFixture asked;
    private ApiFixture owner;

    @BeforeEach
    void start() throws IOException {
        asked = new ApiFixture("n1");
        owner = new ApiFixture("n2");
        asked.knows("n2", owner.url() + "/");
        for (ApiFixture node : new ApiFixture[] {asked, owner}) {
            node.node.put(InMemoryNodeService.image("a b", "n2", "n1", "n3", "n4"));
            node.node.copies.put("a b", InMemoryNodeService.copy(node.node.id, "replica"));
        }
    }

    @AfterEach
    void stop() {
        asked.close();
        owner.close();
    }

    @Test
    void eachNodeIsAskedForItsOwnCopyAndTheFirstForTheLog() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            asked.knows("n3", "http://127.0.0.1:" + silent.getLocalPort());
            JsonNode begun = json(asked.post("/v1/images/a%20b/verify", ""));
            assertThat(asked.node.calls).contains("verify a b true");
            assertThat(owner.node.calls).contains("verify a b false");
            assertThat(begun.at("/log/state").asText()).isEqualTo("ok");
            JsonNode copies = begun.get("copies");
            assertThat(copies).hasSize(4);
            assertThat(copies.get(0).get("node").asText()).isEqualTo("n1");
            assertThat(copies.get(1).get("node").asText()).isEqualTo("n2");
            assertThat(copies.get(1).get("badOffsets")).hasToString("[4096]");
            assertThat(copies.get(2).get("state").asText()).isEqualTo("unreachable");
            assertThat(copies.get(2).get("detail").asText()).contains("no answer within 1500 ms");
            assertThat(copies.get(3).get("detail").asText()).contains("has not announced");
        }
    }

    @Test
    void howItStandsChangesNothing() {
        JsonNode state = json(asked.get("/v1/images/a%20b/verify?local=true"));
        assertThat(state.get("copies")).hasSize(1);
        assertThat(asked.node.calls).noneMatch(call -> call.startsWith("verify"));
        owner.node.copies.clear();
        assertThat(json(asked.get("/v1/images/a%20b/verify"))
                        .at("/copies/1/state")
                        .asText())
                .isEqualTo("missing");
        assertThat(owner.node.calls).noneMatch(call -> call.startsWith("verify"));
        problem(asked.get("/v1/images/none/verify"), ProblemKind.NOT_FOUND);
        problem(asked.post("/v1/images/none/verify", ""), ProblemKind.NOT_FOUND);
    }
}
