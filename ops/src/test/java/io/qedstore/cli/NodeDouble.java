package io.qedstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.qedstore.api.ClusterInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.cli.api.ApiJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Speaks a node's HTTP API, with images in memory. The server's own thread answers, one request after another. */
final class NodeDouble implements AutoCloseable {
    static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    static final List<NodeInfo> NODES = List.of(
            new NodeInfo(
                    "node-1",
                    List.of("owner", "replica"),
                    "http://10.0.0.1:10810",
                    "nbd://10.0.0.1",
                    1,
                    false,
                    NOON,
                    Optional.of(true),
                    true),
            new NodeInfo(
                    "node-2",
                    List.of("replica"),
                    "http://10.0.0.2:10810",
                    "nbd://10.0.0.2",
                    1,
                    false,
                    NOON,
                    Optional.of(false),
                    false));

    /** What the double answers instead, by method and path. */
    private final Map<String, Answer> instead = new ConcurrentHashMap<>();

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer server;
    final ImagesDouble images = new ImagesDouble();
    final ExportDouble export = new ExportDouble();

    record Answer(int status, String type, String body) {
        static Answer json(int status, Object value) {
            return new Answer(
                    status,
                    "application/json",
                    ApiJson.mapper().valueToTree(value).toString());
        }

        static Answer problem(int status, String detail) {
            Map<String, Object> problem =
                    Map.of("type", "about:blank", "title", "No", "status", status, "detail", detail);
            return new Answer(
                    status,
                    "application/problem+json",
                    ApiJson.mapper().valueToTree(problem).toString());
        }
    }

    /** A request, taken apart. */
    record Asked(String method, List<String> path, Map<String, String> query, JsonNode body) {}

    NodeDouble() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Each as its method, path, query and body. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    void answer(String methodAndPath, int status, String type, String body) {
        instead.put(methodAndPath, new Answer(status, type, body));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String method = exchange.getRequestMethod();
            requests.add((method + " " + exchange.getRequestURI() + " " + body).strip());
            Asked asked = new Asked(
                    method,
                    path(exchange.getRequestURI().getRawPath()),
                    query(exchange.getRequestURI().getRawQuery()),
                    ApiJson.mapper().readTree(body.isEmpty() ? "{}" : body));
            Answer other = instead.get(method + " " + exchange.getRequestURI().getPath());
            if (other != null) {
                send(exchange, other);
            } else if (asked.path().size() >= 4 && asked.path().get(3).equals("export")) {
                export.handle(exchange, asked);
            } else {
                send(exchange, answer(asked));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Answer answer(Asked asked) {
        List<String> path = asked.path();
        return switch (path.size() < 2 ? "" : path.get(1)) {
            case "images" -> images.answer(asked);
            case "cluster" -> Answer.json(200, new ClusterInfo(2, 3, 17, List.of("min.insync.replicas is 1")));
            case "nodes" -> path.size() == 2 ? Answer.json(200, Map.of("items", NODES)) : node(path.get(2));
            default -> Answer.problem(404, "there is no " + path);
        };
    }

    private static Answer node(String id) {
        return NODES.stream()
                .filter(node -> node.id().equals(id))
                .findFirst()
                .map(node -> Answer.json(200, node))
                .orElseGet(() -> Answer.problem(404, "there is no node '" + id + "'"));
    }

    private static List<String> path(String raw) {
        List<String> segments = new ArrayList<>();
        for (String segment : raw.substring(1).split("/", -1)) {
            segments.add(decoded(segment));
        }
        return segments;
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
