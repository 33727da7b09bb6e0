package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No node, or something that is none: always one sentence that says where, and what to do. */
class ApiFailuresTest {
    private final Path folder;
    private final NodeDouble node;

    ApiFailuresTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.node = new NodeDouble();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static String fails(int exitCode, Object... args) {
        Program.Result result = Program.run(args);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("qedstore: ")
                .doesNotContain("Exception")
                .hasLineCount(1);
        return result.err();
    }

    private String nodeList(int status, String type, String body) {
        node.answer("GET /v1/nodes", status, type, body);
        return fails(1, "node", "list", "--api=" + node.url());
    }

    @Test
    void withoutANodeTheSentenceSaysWhereAndHowToNameAnother() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(fails(1, "image", "list", "--api=http://127.0.0.1:" + port))
                .isEqualTo("qedstore: no answer from a node at http://127.0.0.1:" + port
                        + ": nothing listens there; start a node there, or name another node's API with --api=URL"
                        + " or QEDSTORE_API\n");
    }

    @Test
    void aHostThatNobodyKnowsIsSaidToBeUnknown() {
        assertThat(fails(1, "image", "list", "--api=http://node.invalid:10810"))
                .contains("http://node.invalid:10810", "the host's name is not known");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1:10810", "ftp://host", "http://", "", "http://host?x=1", "http://a b", "http://u@host"
            })
    void whatIsNoUrlIsWrongUsage(String url) {
        assertThat(fails(2, "image", "list", "--api=" + url))
                .contains("--api and QEDSTORE_API expect a URL such as http://127.0.0.1:10810; found '" + url + "'");
    }

    @Test
    void aSlashBehindTheUrlDoesNoHarm() {
        assertThat(Program.run("node", "list", "--api=" + node.url() + "/").exitCode())
                .isZero();
        assertThat(node.requests()).containsExactly("GET /v1/nodes");
    }

    @Test
    void aWebPageIsNoNode() {
        assertThat(nodeList(200, "text/html", "<html>hello</html>"))
                .contains("what answers at " + node.url() + " was not understood", "GET /v1/nodes", "is the URL right");
        assertThat(nodeList(404, "text/html", "<html>none</html>")).contains("said status 404 to GET /v1/nodes");
        assertThat(nodeList(500, "text/plain", "")).contains("status 500");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[]",
                "{\"items\":[]} {}",
                "{\"items\":[null]}",
                "{\"items\":[{\"id\":\"node-1\"}]}",
                "{\"items\":[{\"id\":\"n\",\"roles\":[],\"api\":\"a\",\"nbd\":\"b\",\"understands\":1,"
                        + "\"announcedAt\":\"noon\",\"self\":true}]}",
                "{\"items\":[{\"id\":\"n\",\"roles\":[],\"api\":\"a\",\"nbd\":\"b\",\"understands\":1,"
                        + "\"announcedAt\":\"2026-11-22T12:00:00Z\"}]}"
            })
    void anAnswerThatLacksSomethingIsNotUnderstood(String body) {
        assertThat(nodeList(200, "application/json", body))
                .contains("was not understood")
                .doesNotContain("io.qedstore", "java.");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThat(nodeList(200, "application/json", "{\"items\":[{\"id\":\"node-1\"}]}"))
                .contains("'items[0]", "is missing or not of the expected kind");
    }

    @Test
    void whatANewerNodeSaysBesidesIsPassedOver() {
        node.answer(
                "GET /v1/cluster",
                200,
                "application/json",
                "{\"nodes\":2,\"images\":3,\"catalogOffset\":17,\"findings\":[],\"weather\":\"fair\"}");
        assertThat(Program.run("cluster", "status", "--api=" + node.url()).out())
                .contains("findings: none");
    }

    @Test
    void problemDetailsBecomeTheSentence() {
        assertThat(nodeList(503, "application/problem+json", "{\"title\":\"No\",\"detail\":\"the log is gone\"}"))
                .isEqualTo("qedstore: the log is gone\n");
        assertThat(nodeList(503, "application/problem+json", "{\"title\":\"Unavailable\"}"))
                .isEqualTo("qedstore: Unavailable\n");
        assertThat(nodeList(503, "application/problem+json", "{\"detail\":\" \"}"))
                .contains("status 503");
        assertThat(nodeList(503, "application/problem+json", "{\"detail\":\"a\\u001b[2Jb\\nc\"}"))
                .isEqualTo("qedstore: a\\x1b[2Jb\\x0ac\n");
    }

    @Test
    void aPageThatFollowsItselfIsNotFollowedForEver() {
        node.answer("GET /v1/images", 200, "application/json", "{\"items\":[],\"next\":\"a\"}");
        assertThat(fails(1, "image", "list", "--api=" + node.url())).contains("'a' says that it follows itself");
        assertThat(node.requests()).hasSize(2);
    }

    @Test
    void tlsWithWhatSpeaksNoneIsSaid() throws IOException, InterruptedException {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> sayHello(plain));
            server.start();
            assertThat(fails(1, "node", "list", "--api=https://127.0.0.1:" + plain.getLocalPort()))
                    .contains("no answer from a node at https://", "--api-ca=FILE");
            server.join();
        }
    }

    private static void sayHello(ServerSocket socket) {
        try (Socket client = socket.accept()) {
            client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
        } catch (IOException e) {
            // the client does not like it and has hung up
        }
    }

    @Test
    void authoritiesThatAreNoneAreNamed() throws IOException {
        assertThat(fails(1, "node", "list", "--api-ca=" + folder.resolve("none.pem")))
                .contains("none.pem", "No such file", "expected a PEM file");
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        assertThat(fails(1, "node", "list", "--api-ca=" + empty)).contains("no certificate is in it");
        Path text = Files.writeString(folder.resolve("text.pem"), "hello");
        assertThat(fails(1, "node", "list", "--api-ca=" + text)).contains("text.pem", "expected a PEM file");
    }
}
