package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HistoryRoutesTest {
    private ApiFixture api;

    @BeforeEach
    void start() throws IOException {
        api = new ApiFixture("n1");
        api.node.put(InMemoryNodeService.image("a", "n1"));
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aPageNamesTheNext() {
        JsonNode page = json(api.get("/v1/images/a/history"));
        assertThat(page.get("next").asText()).isEqualTo("more");
        assertThat(page.get("items").get(0)).hasToString("""
                {"kind":"event","sequence":7,"at":"2026-11-27T12:00:00.123456Z","epoch":3,"node":"n1","offset":12,\
                "bytes":4321,"operations":[{"kind":"write","guestOffset":65536,"lengthBytes":4096}]}""");
        assertThat(json(api.get("/v1/images/a/history?after=more")).has("next")).isFalse();
    }

    @Test
    void theWindowIsHandedOn() {
        api.get("/v1/images/a/history?from=seq:3&to=snapshot:x&offset=4096&length=512&limit=9");
        assertThat(api.node.calls.get(api.node.calls.size() - 1))
                .contains(
                        "from=Optional[seq:3]",
                        "to=Optional[snapshot:x]",
                        "Optional[4096]",
                        "Optional[512]",
                        "limit=9");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThat(problem(api.get("/v1/images/a/history?offset=4k&length=1"), ProblemKind.INVALID))
                .contains("'4k'", "number of bytes");
        assertThat(problem(api.get("/v1/images/a/history?offset=4"), ProblemKind.INVALID))
                .contains("both or neither");
        assertThat(problem(api.get("/v1/images/a/history?limit=0"), ProblemKind.INVALID))
                .contains("from 1 to");
        assertThat(problem(api.get("/v1/images/a/history?form=seq:1"), ProblemKind.INVALID))
                .contains("'from'");
        problem(api.get("/v1/images/none/history"), ProblemKind.NOT_FOUND);
    }
}
