package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that send nonsense, or too much, or nothing, or go away. */
@Timeout(60)
class LimitsTest {
    private static final ApiLimits FEW = new ApiLimits(
            1 << 20,
            4096,
            32,
            2,
            1,
            Duration.ofSeconds(20),
            1,
            Duration.ofMillis(800),
            Duration.ofMillis(500),
            Duration.ofMillis(500));

    private static final String POST = "POST /v1/images HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

    private final ExecutorService clients = Executors.newCachedThreadPool();
    private ApiFixture api;

    @BeforeEach
    void start() throws IOException {
        api = new ApiFixture(new InMemoryNodeService("n1"), FEW);
        api.node.put(InMemoryNodeService.image("a", "n1"));
    }

    @AfterEach
    void stop() {
        api.close();
        clients.shutdownNow();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(api.address.getAddress(), api.address.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (SocketException e) {
            return "(reset)";
        }
    }

    private String answerTo(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            return rest(socket);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void whatIsNoHttpIsAProblemToo() throws IOException {
        assertThat(answerTo("nonsense\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("urn:qedstore:problem:bad-request");
        for (String version : new String[] {"", " HTTP/0.9", " HTTP/7.1"}) {
            assertThat(answerTo("GET /v1/nodes" + version + "\r\nHost: a\r\n\r\n"))
                    .as("with the version '%s'", version)
                    .contains(" 505 ")
                    .contains("http-version");
        }
        assertThat(answerTo("GET /v1/nodes HTTP/1.1\r\n\r\n")).contains(" 400 ").contains("bad-request");
        assertThat(answerTo("GET /v1/nodes HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
                .contains(" 400 ");
        assertThat(answerTo("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 400 ")
                .contains("bad-request");
        assertThat(answerTo("GET /v1/images/%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 400 ");
        assertThat(answerTo("GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .contains(" 400 ");
        assertThat(answerTo(POST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .contains(" 400 ");
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws IOException {
        String large = "x".repeat(5000);
        assertThat(answerTo("GET /v1/nodes HTTP/1.1\r\nHost: a\r\nX: " + large + "\r\n\r\n"))
                .contains(" 431 ")
                .contains("header-too-large");
        assertThat(answerTo("GET /v1/images/" + large + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 431 ")
                .contains("header-too-large");
    }

    @Test
    void aBrokenBodyIsToldAsSuch() throws IOException {
        assertThat(answerTo(POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"))
                .contains(" 400 ")
                .contains("application/problem+json");
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedForLong() throws IOException {
        String head = POST + "Content-Length: 100\r\n\r\n";
        assertThat(answerTo(head + "{")).contains(" 408 ").contains("request-timeout");
        try (Socket socket = connect()) {
            send(socket, head);
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return rest(socket);
                        } catch (IOException e) {
                            return "(failed) " + e;
                        }
                    },
                    clients);
            for (int i = 0; i < 90 && !answer.isDone(); i++) {
                try {
                    send(socket, "{");
                    answer.get(100, TimeUnit.MILLISECONDS);
                } catch (Exception e) {
                    assertThat(e).as("no answer yet").isNotNull();
                }
            }
            assertThat(answer.join()).contains(" 408 ").contains("expected all of it by then");
        }
    }

    @Test
    void silentAndDribblingConnectionsAreClosed() throws IOException, InterruptedException {
        try (Socket silent = connect();
                Socket dribbling = connect()) {
            CompletableFuture<String> closed = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return rest(dribbling);
                        } catch (IOException e) {
                            return "(failed) " + e;
                        }
                    },
                    clients);
            send(dribbling, "GET /v1/nodes HTTP/1.1\r\nX: ");
            await(() -> {
                try {
                    send(dribbling, "x");
                } catch (IOException e) {
                    return true;
                }
                return closed.isDone();
            });
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void requestsWaitForTheirTurnAndTooManyAreTurnedAway() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        api.node.trouble = name -> go.await();
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(CompletableFuture.supplyAsync(() -> api.get("/v1/images"), clients));
        }
        await(() -> api.node.calls.size() == 2);
        HttpResponse<byte[]> health = api.get("/health/live");
        assertThat(health.statusCode()).isEqualTo(200);
        List<HttpResponse<byte[]>> turnedAway = new ArrayList<>();
        await(() -> {
            CompletableFuture<HttpResponse<byte[]>> one =
                    CompletableFuture.supplyAsync(() -> api.get("/v1/nodes"), clients);
            try {
                turnedAway.add(one.get(500, TimeUnit.MILLISECONDS));
                return true;
            } catch (Exception e) {
                answers.add(one);
                return false;
            }
        });
        assertThat(ApiFixture.problem(turnedAway.get(0), ProblemKind.BUSY)).contains("try again later");
        assertThat(ApiFixture.header(turnedAway.get(0), "Retry-After")).isEqualTo("1");
        go.countDown();
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNodeMayTakeLongerForAnAnswerThanAConnectionMayBeIdle() {
        CountDownLatch never = new CountDownLatch(1);
        api.node.trouble = name -> never.await(2500, TimeUnit.MILLISECONDS);
        assertThat(api.get("/v1/images").statusCode()).isEqualTo(200);
    }

    private Socket download() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(api.address);
        send(socket, "GET /v1/images/a/export HTTP/1.1\r\nHost: a\r\n\r\n");
        return socket;
    }

    private MemoryExport opened() throws InterruptedException {
        await(() -> api.node.exports.values().stream().anyMatch(export -> export.reads.get() > 0));
        return api.node.exports.values().iterator().next();
    }

    @Test
    void aClientThatGoesAwayLeavesNoExportOpen() throws Exception {
        api.node.file = new byte[64 << 20];
        try (Socket socket = download()) {
            MemoryExport export = opened();
            assertThat(export.open).hasValue(1);
            assertThat(ApiFixture.problem(api.get("/v1/images/a/export"), ProblemKind.BUSY))
                    .contains("downloads");
            socket.setSoLinger(true, 0);
        }
        await(() -> api.node.exports.values().stream().allMatch(export -> export.open.get() == 0));
    }

    @Test
    void aClientThatTakesNothingOrLittleIsGivenUp() throws Exception {
        api.node.file = new byte[64 << 20];
        try (Socket socket = download()) {
            MemoryExport export = opened();
            InputStream in = socket.getInputStream();
            await(() -> {
                try {
                    in.read();
                } catch (IOException e) {
                    assertThat(e).isNotNull();
                }
                return export.open.get() == 0;
            });
            assertThat(export.reads.get()).isLessThan(1024);
        }
    }

    @Test
    void whatTakesTooLongDoesNotKeepTheServerFromClosing() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        api.node.trouble = name -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        };
        CompletableFuture<Boolean> failed = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return api.get("/v1/images").statusCode() == 503;
                    } catch (UncheckedIOException e) {
                        return true;
                    }
                },
                clients);
        await(() -> api.node.calls.size() == 1);
        api.close();
        assertThat(failed.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupted).isFalse();
        go.countDown();
    }

    @Test
    void whatIsUnderWayEndsBeforeTheServerDoes() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        api.node.trouble = name -> go.await();
        CompletableFuture<HttpResponse<byte[]>> answer =
                CompletableFuture.supplyAsync(() -> api.get("/v1/images"), clients);
        await(() -> api.node.calls.size() == 1);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(api::close, clients);
        await(() -> {
            try {
                connect().close();
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        assertThat(closed).isNotDone();
        go.countDown();
        assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        closed.get(30, TimeUnit.SECONDS);
    }
}
