package io.qedstore.api.http;

import static io.qedstore.api.http.ApiFixture.header;
import static io.qedstore.api.http.ApiFixture.json;
import static io.qedstore.api.http.ApiFixture.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExportRoutesTest {
    private static final String EXPORT = "/v1/images/a/export";

    private ApiFixture api;
    private byte[] file;

    @BeforeEach
    void start() throws IOException {
        api = new ApiFixture("n1");
        api.node.put(InMemoryNodeService.image("a", "n1"));
        file = new byte[300_000];
        new Random(5).nextBytes(file);
        Arrays.fill(file, 8192, 200_000, (byte) 0);
        api.node.file = file;
    }

    @AfterEach
    void stop() {
        api.close();
        assertThat(api.node.exports.values()).allMatch(export -> export.open.get() == 0);
    }

    private HttpResponse<byte[]> get(String... headers) {
        return api.send(
                headers.length == 0 ? api.request(EXPORT) : api.request(EXPORT).headers(headers));
    }

    private byte[] bytes(int from, int to) {
        return Arrays.copyOfRange(file, from, to);
    }

    @Test
    void aFileComesWithAllThatSaysWhatItIs() {
        HttpResponse<byte[]> answer = get();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(file);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(header(answer, "Content-Length")).isEqualTo("300000");
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(header(answer, "ETag")).isEqualTo("\"tag-0\"");
        assertThat(header(answer, "Content-Disposition")).isEqualTo("attachment; filename=\"a.qed\"");
        assertThat(header(answer, "X-Qedstore-Sequence")).isEqualTo("77");
        byte[] digest = api.node.exported("tag-0").sha256();
        assertThat(header(answer, "Repr-Digest"))
                .isEqualTo("sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":");
        assertThat(api.node.calls).contains("export a false -");
    }

    @Test
    void theFormIsQemusUnlessItIsSaid() {
        assertThat(api.get(EXPORT + "?form=exact").statusCode()).isEqualTo(200);
        assertThat(api.node.calls).contains("export a true -");
        assertThat(problem(api.get(EXPORT + "?form=raw"), ProblemKind.INVALID)).contains("[qemu, exact]");
    }

    @Test
    void headTellsAllAndSendsNothing() {
        HttpResponse<byte[]> head =
                api.send(api.request(EXPORT).header("Range", "bytes=5-6").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo("300000");
        assertThat(header(head, "ETag")).isEqualTo("\"tag-0\"");
        assertThat(head.body()).isEmpty();
        assertThat(api.node.exported("tag-0").reads).hasValue(0);
    }

    @Test
    void aDownloadGoesOnWhereItBrokeOff() {
        String tag = header(get("Range", "bytes=0-99"), "ETag");
        api.node.file = new byte[10];
        HttpResponse<byte[]> rest = get("Range", "bytes=100-", "If-Range", tag);
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(bytes(100, 300_000));
        assertThat(header(rest, "Content-Range")).isEqualTo("bytes 100-299999/300000");
        assertThat(header(rest, "Content-Length")).isEqualTo("299900");
        assertThat(header(rest, "ETag")).isEqualTo(tag);
        assertThat(get("Range", "bytes=-100", "If-Match", tag).body()).isEqualTo(bytes(299_900, 300_000));
    }

    @Test
    void oneRangeIsServedInItsForms() {
        assertThat(get("Range", "bytes=0-0").body()).isEqualTo(bytes(0, 1));
        assertThat(get("Range", "BYTES=299999-999999").body()).isEqualTo(bytes(299_999, 300_000));
        assertThat(get("Range", "bytes=-999999").statusCode()).isEqualTo(206);
        for (String ignored : new String[] {"bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b"}) {
            HttpResponse<byte[]> whole = get("Range", ignored);
            assertThat(whole.statusCode()).as(ignored).isEqualTo(200);
            assertThat(whole.body()).hasSize(300_000);
        }
    }

    @Test
    void aRangeBeyondTheEndIsToldWhereThatIs() {
        for (String range : new String[] {"bytes=300000-", "bytes=-0"}) {
            HttpResponse<byte[]> answer = get("Range", range);
            problem(answer, ProblemKind.RANGE_NOT_SATISFIABLE);
            assertThat(header(answer, "Content-Range")).isEqualTo("bytes */300000");
        }
    }

    @Test
    void whatIsGoneIsSentAnewOrNotAtAllAsWasAskedFor() {
        String tag = header(get("Range", "bytes=0-99"), "ETag");
        api.node.exports.clear();
        HttpResponse<byte[]> anew = get("Range", "bytes=100-", "If-Range", tag);
        assertThat(anew.statusCode()).isEqualTo(200);
        assertThat(anew.body()).isEqualTo(file);
        assertThat(problem(get("Range", "bytes=100-", "If-Match", "\"gone\""), ProblemKind.PRECONDITION_FAILED))
                .contains("begin anew");
        assertThat(get("Range", "bytes=0-9", "If-Range", "W/" + header(anew, "ETag"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(get("Range", "bytes=0-9", "If-Range", "Fri, 27 Nov 2026 12:00:00 GMT")
                        .statusCode())
                .isEqualTo(200);
        assertThat(get("If-Match", "*").statusCode()).isEqualTo(200);
        assertThat(get("If-Match", "\"gone\", " + header(anew, "ETag")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void whatIsThereAlreadyIsNotSent() {
        String tag = header(get(), "ETag");
        HttpResponse<byte[]> answer = get("If-Match", tag, "If-None-Match", tag);
        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(header(answer, "ETag")).isEqualTo(tag);
    }

    @Test
    void extentsAreThoseOfTheDownload() {
        JsonNode first = json(api.get(EXPORT + "/extents"));
        String tag = first.get("tag").asText();
        api.node.file = new byte[10];
        JsonNode again = json(api.get(EXPORT + "/extents?tag=" + tag));
        assertThat(again).isEqualTo(first);
        assertThat(first.get("lengthBytes").asInt()).isEqualTo(300_000);
        assertThat(first.get("sha256").asText())
                .isEqualTo(HexFormat.of().formatHex(api.node.exported(tag).sha256()));
        byte[] rebuilt = new byte[300_000];
        for (JsonNode extent : first.get("extents")) {
            int at = extent.get("fileOffset").asInt();
            int length = extent.get("lengthBytes").asInt();
            byte[] part = get("Range", "bytes=" + at + "-" + (at + length - 1), "If-Match", '"' + tag + '"')
                    .body();
            System.arraycopy(part, 0, rebuilt, at, length);
        }
        assertThat(rebuilt).isEqualTo(file);
        problem(api.get(EXPORT + "/extents?tag=gone"), ProblemKind.GONE);
    }

    @Test
    void namesThatAreNotAsciiComeThrough() {
        api.node.put(InMemoryNodeService.image("\u00fc\"x", "n1"));
        HttpResponse<byte[]> answer = api.get("/v1/images/%C3%BC%22x/export");
        assertThat(header(answer, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"__x.qed\"; filename*=UTF-8''%C3%BC%22x.qed");
    }

    @Test
    void aFailureInTheMiddleIsNoWholeFile() {
        HttpResponse<byte[]> first = get();
        api.node.exported("tag-0").failsAt = 200_000;
        assertThatThrownBy(() -> get("Range", "bytes=0-", "If-Match", header(first, "ETag")))
                .hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void anEmptyFileIsAFile() {
        api.node.file = new byte[0];
        assertThat(get().body()).isEmpty();
        problem(get("Range", "bytes=0-"), ProblemKind.RANGE_NOT_SATISFIABLE);
    }

    @Test
    void whatHasChangedSinceAPointIsExportedAsAnOverlay() {
        api.node.put(InMemoryNodeService.image("vm1", "n1"));
        api.node.file = new byte[] {1};
        assertThat(api.get("/v1/images/vm1/export/extents?since=seq:3&backing=a.qed&at=seq:9")
                        .statusCode())
                .isEqualTo(200);
        assertThat(api.node.calls).containsExactly("since seq:3 over a.qed", "export vm1@seq:9 false -");
        for (String half : new String[] {"since=seq:3", "backing=a.qed", "since=seq:3&backing=a.qed&form=exact"}) {
            assertThat(ApiFixture.problem(api.get("/v1/images/vm1/export?" + half), ProblemKind.INVALID))
                    .contains("expected both since and backing");
        }
    }
}
