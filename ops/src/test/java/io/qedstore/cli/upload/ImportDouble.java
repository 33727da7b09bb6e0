package io.qedstore.cli.upload;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.qedstore.api.ImportInfo;
import io.qedstore.cli.api.ApiJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes one file, as a node does. The server's own thread answers, one request after another. */
final class ImportDouble implements AutoCloseable {
    private final HttpServer server;

    /** Each as the offset and the length of its bytes. */
    final List<String> pieces = new CopyOnWriteArrayList<>();

    volatile byte[] file = new byte[0];
    private volatile long nextOffset;
    private final AtomicInteger imports = new AtomicInteger(1);
    private final AtomicInteger states = new AtomicInteger();

    /** What becomes of the n-th piece that is sent, counted from 1: a status, or 0 for a connection that breaks. */
    final Map<Integer, Integer> faults = new ConcurrentHashMap<>();

    private final AtomicInteger sent = new AtomicInteger();
    volatile String failure = "";

    /** It is forgotten while it is waited for. */
    volatile boolean forgetsInTheEnd;

    ImportDouble() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (path.endsWith("/import")) {
                int length = ApiJson.mapper().readTree(body).get("fileBytes").asInt();
                file = file.length == length ? file : new byte[length];
                answer(exchange, info("uploading"));
            } else if (path.endsWith("/bytes")) {
                take(exchange, body);
            } else if (path.endsWith("/finish")) {
                answer(exchange, info("waiting"));
            } else if (path.equals("/v1/images/vm1")) {
                problem(exchange, 404);
            } else {
                look(exchange);
            }
        }
    }

    private void take(HttpExchange exchange, byte[] body) throws IOException {
        int fault = faults.getOrDefault(sent.incrementAndGet(), 200);
        int from = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*from=(\\d+).*", "$1"));
        if (fault == 410) {
            imports.incrementAndGet();
            nextOffset = 0;
            file = new byte[0];
        }
        if (fault == 200) {
            pieces.add(from + " " + body.length);
            System.arraycopy(body, 0, file, from, body.length);
            nextOffset = (long) from + body.length;
            answer(exchange, info("uploading"));
        } else if (fault > 0) {
            problem(exchange, fault);
        }
    }

    private void look(HttpExchange exchange) throws IOException {
        boolean isImage = states.incrementAndGet() > 3;
        if (forgetsInTheEnd) {
            problem(exchange, 410);
        } else if (!failure.isEmpty()) {
            answer(exchange, info("failed"));
        } else {
            answer(exchange, info(isImage ? "done" : "logging"));
        }
    }

    private ImportInfo info(String state) {
        Optional<String> detail = state.equals("failed") ? Optional.of(failure) : Optional.empty();
        return new ImportInfo(
                "import-" + imports.get(),
                "vm1",
                "node-1",
                state,
                detail,
                file.length,
                nextOffset,
                0,
                0,
                List.of("node-2"));
    }

    private static void answer(HttpExchange exchange, ImportInfo info) throws IOException {
        byte[] bytes = ApiJson.mapper().writeValueAsBytes(info);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void problem(HttpExchange exchange, int status) throws IOException {
        byte[] bytes = ("{\"title\": \"No\", \"status\": " + status + ", \"detail\": \"said the double\"}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
