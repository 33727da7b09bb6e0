package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImportRoutesTest {
    private static final String IMPORT = "/v1/images/vm1/import";
    private static final String REQUEST = "{\"fileBytes\": 4096, \"content\": \"0\"}";

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
    void anImportIsBegunFedFinishedAndDropped() throws Exception {
        HttpResponse<byte[]> begun = api.post(IMPORT, REQUEST);
        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(ApiFixture.json(begun).get("node").asText()).isEqualTo("n1");
        HttpResponse<byte[]> taken = api.send(piece(IMPORT + "/i1/bytes?from=4000", "hello", "hello"));
        assertThat(ApiFixture.json(taken).get("nextOffset").asLong()).isEqualTo(4005);
        assertThat(ApiFixture.json(api.get(IMPORT + "/i1")).get("state").asText())
                .isEqualTo("logging");
        assertThat(api.post(IMPORT + "/i1/finish", "").statusCode()).isEqualTo(200);
        assertThat(api.send(api.request(IMPORT + "/i1").DELETE()).statusCode()).isEqualTo(204);
        assertThat(api.node.calls)
                .containsExactly("begin import vm1 4096 0", "piece i1 4000 hello", "finish i1", "drop i1");
    }

    @Test
    void aPieceThatHasChangedOnItsWayIsRefused() throws Exception {
        HttpResponse<byte[]> answer = api.send(piece(IMPORT + "/i1/bytes", "hallo", "hello"));
        assertThat(ApiFixture.problem(answer, ProblemKind.PRECONDITION_FAILED))
                .contains("changed on its way")
                .contains("send it again");
        assertThat(api.node.calls).isEmpty();
    }

    @Test
    void aPieceWithoutADigestIsRefused() {
        HttpRequest.Builder bare = api.request(IMPORT + "/i1/bytes")
                .header("Content-Type", Answer.BYTES)
                .PUT(HttpRequest.BodyPublishers.ofString("hello"));
        assertThat(ApiFixture.problem(api.send(bare), ProblemKind.INVALID)).contains("expected sha-256=:BASE64:");
    }

    @Test
    void aPieceThatIsSaidToBeJsonIsRefused() {
        assertThat(ApiFixture.problem(
                        api.send(api.withBody("PUT", IMPORT + "/i1/bytes", "{}")), ProblemKind.UNSUPPORTED_MEDIA_TYPE))
                .contains("expected application/octet-stream");
    }

    @Test
    void aPieceOfMoreThanOneMebibyteIsRefused() throws Exception {
        String large = "x".repeat((1 << 20) + 1);
        api.send(piece(IMPORT + "/i1/bytes", large.substring(1), large.substring(1)));
        assertThat(api.node.calls).hasSize(1);
        assertThat(api.send(piece(IMPORT + "/i1/bytes", large, large)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void anOffsetThatIsNoneIsRefused() throws Exception {
        assertThat(ApiFixture.problem(
                        api.send(piece(IMPORT + "/i1/bytes?from=-1", "hello", "hello")), ProblemKind.INVALID))
                .contains("expected a number of bytes");
    }

    @Test
    void theNodeThatHasTheImportIsAskedByWhicheverNodeIs() throws Exception {
        try (ApiFixture other = new ApiFixture("n2")) {
            api.knows("n2", other.url());
            HttpResponse<byte[]> taken = api.send(piece(IMPORT + "/i1/bytes?node=n2&from=8", "hello", "hello"));
            assertThat(ApiFixture.json(taken).get("node").asText()).isEqualTo("n2");
            api.post(IMPORT + "/i1/finish?node=n2", "");
            assertThat(other.node.calls).containsExactly("piece i1 8 hello", "finish i1");
            assertThat(api.node.calls).isEmpty();
        }
    }

    private HttpRequest.Builder piece(String path, String bytes, String digested) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(digested.getBytes(UTF_8));
        return api.request(path)
                .header("Content-Type", Answer.BYTES)
                .header(ContentDigest.HEADER, "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":")
                .PUT(HttpRequest.BodyPublishers.ofString(bytes));
    }
}
