package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Turns red when a point is taken before all images are held, or a hold stays behind a failure. */
class GroupSnapshotsTest {
    private static final String BOTH = "{\"name\":\"s\",\"images\":[\"a\",\"b\"]}";

    private ApiFixture api;
    private ApiFixture other;

    @BeforeEach
    void start() throws IOException {
        api = new ApiFixture("n1");
        other = new ApiFixture("n2");
        api.knows("n2", other.url());
        api.node.put(InMemoryNodeService.image("a", "n1"));
        api.node.put(InMemoryNodeService.image("b", "n2"));
        other.node.put(InMemoryNodeService.image("b", "n2"));
    }

    @AfterEach
    void stop() {
        api.close();
        other.close();
    }

    @Test
    void imagesOfSeveralNodesAreHeldUntilAllPointsAreTaken() {
        HttpResponse<byte[]> made = api.post("/v1/snapshots", BOTH);
        assertThat(made.statusCode()).isEqualTo(201);
        JsonNode items = json(made).get("items");
        assertThat(items).hasSize(2);
        assertThat(items.get(1).get("image").asText()).isEqualTo("b");
        assertThat(items.get(1).get("sequence").asLong()).isEqualTo(12);
        assertThat(api.node.calls)
                .containsExactly("hold a", "point a hold-of-a", "end a hold-of-a", "snapshots s [a, b]");
        assertThat(other.node.calls).containsExactly("hold b", "point b hold-of-b", "end b hold-of-b");
    }

    @Test
    void whereOneCannotBeHeldNothingIsNamedAndTheOthersGoOn() {
        other.node.trouble = name -> {
            throw new ServiceException(ServiceError.CONFLICT, "another snapshot of image b is being taken");
        };
        assertThat(problem(api.post("/v1/snapshots", BOTH), ProblemKind.CONFLICT))
                .isEqualTo("another snapshot of image b is being taken");
        assertThat(api.node.calls).containsExactly("hold a", "end a hold-of-a");
        other.node.trouble = name -> {
            throw new ServiceException(ServiceError.UNAVAILABLE, "the log does not answer");
        };
        problem(api.post("/v1/snapshots", BOTH), ProblemKind.UNAVAILABLE);
        other.close();
        assertThat(problem(api.post("/v1/snapshots", BOTH), ProblemKind.UNAVAILABLE))
                .contains("cannot ask node 'n2'")
                .endsWith("; no snapshot was made");
        assertThat(api.node.calls).noneMatch(call -> call.startsWith("snapshots"));
    }

    @Test
    void aGroupHasDifferentImagesThatThereAre() {
        for (String images : List.of("[]", "[\"a\",\"a\"]")) {
            assertThat(problem(api.post("/v1/snapshots", "{\"images\":" + images + "}"), ProblemKind.INVALID))
                    .contains("expected 1 to 64 different ones");
        }
        problem(api.post("/v1/snapshots", "{\"images\":[\"a\",\"c\"]}"), ProblemKind.NOT_FOUND);
    }
}
