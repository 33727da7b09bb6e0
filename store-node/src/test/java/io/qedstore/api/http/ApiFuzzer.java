package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.api.NodeInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fuzz target: a request that nobody makes on purpose, to a server on this machine. The bytes are the method and the target in
 * a line, the headers in others, an empty line, and the body; a host and a length are said before the headers, unless the
 * line begins with a blank.
 *
 * <p>What must hold for every request:
 *
 * <ul>
 *   <li>what comes back is HTTP, and not that the node failed;
 *   <li>what is refused is a problem of the same status, and what says that it is JSON is;
 *   <li>the server answers the next one.
 * </ul>
 */
public final class ApiFuzzer {
    private static final int TIMEOUT_MS = 30_000;
    private static final String NODE = "n1";
    private static final byte[] HEALTH = "GET /health/live HTTP/1.1\r\nHost: n\r\n\r\n".getBytes(ISO_8859_1);
    private static @Nullable ApiFixture server;
    private static @Nullable Socket healthy;

    private ApiFuzzer() {}

    /** How far an input got; the seeds' test wants the last two. */
    enum Depth {
        /** The server has reset the connection, with what it had said. */
        RESET,
        REFUSED,
        ANSWERED
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** Called by Jazzer behind the last. */
    public static void fuzzerTearDown() throws IOException {
        Socket open = healthy;
        if (open != null) {
            open.close();
            healthy = null;
        }
        ApiFixture started = server;
        if (started != null) {
            started.close();
            server = null;
        }
    }

    static synchronized Depth depth(byte[] input) throws IOException {
        ApiFixture to = server;
        if (to == null) {
            to = new ApiFixture(new InMemoryNodeService(NODE), ApiLimits.standard());
            server = to;
        }
        begin(to.node);
        String text = new String(input, ISO_8859_1);
        byte[] request = request(text);
        String method = text.split("[ \n]", 2)[0];
        Depth depth = depth(exchange(to, request), method);
        requireHealth(to);
        return depth;
    }

    private static void begin(InMemoryNodeService node) {
        List<NodeInfo> self =
                node.nodes.stream().filter(info -> info.id().equals(NODE)).toList();
        node.nodes.retainAll(self);
        node.calls.clear();
        node.images.clear();
        node.trash.clear();
        node.snapshots.clear();
        node.exports.clear();
        node.put(InMemoryNodeService.image("a", NODE));
        node.put(InMemoryNodeService.image("far", "n2"));
        node.trash.put("old", InMemoryNodeService.image("old", NODE));
        node.copied = "c";
        node.file = new byte[10_000];
    }

    private static byte[] request(String text) {
        int headEnd = text.indexOf("\n\n");
        String head = headEnd < 0 ? text : text.substring(0, headEnd);
        String body = headEnd < 0 ? "" : text.substring(headEnd + 2);
        int lineEnd = head.indexOf('\n');
        String line = lineEnd < 0 ? head : head.substring(0, lineEnd);
        StringBuilder request = new StringBuilder();
        if (line.startsWith(" ")) {
            request.append(line.substring(1)).append(" HTTP/1.1\r\n");
        } else {
            request.append(line)
                    .append(" HTTP/1.1\r\nHost: n\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n");
        }
        if (lineEnd >= 0) {
            request.append(head.substring(lineEnd + 1).replace("\n", "\r\n")).append("\r\n");
        }
        return request.append("\r\n").append(body).toString().getBytes(ISO_8859_1);
    }

    /** All that comes back until the server closes the connection. */
    private static byte[] exchange(ApiFixture to, byte[] request) throws IOException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (Socket socket = connect(to)) {
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            byte[] piece = new byte[4096];
            for (int count = socket.getInputStream().read(piece); count >= 0; ) {
                answers.write(piece, 0, count);
                count = socket.getInputStream().read(piece);
            }
            require(answers.size() > 0, "no answer to", new String(request, ISO_8859_1));
        } catch (SocketException e) {
            // it was reset; what the server said before counts
        }
        return answers.toByteArray();
    }

    private static Socket connect(ApiFixture to) throws IOException {
        Socket socket = new Socket(to.address.getAddress(), to.address.getPort());
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    // ---- answers

    private static Depth depth(byte[] received, String method) throws IOException {
        if (received.length == 0) {
            return Depth.RESET;
        }
        HttpAnswers answers = new HttpAnswers(received, method);
        HttpAnswers.Answer answer = answers.first();
        int status = answer.status();
        require(status >= 200 && status < 600 && status != 500, "status " + status, answers);
        if (status >= 400) {
            require(answer.type().equals(ProblemAnswers.TYPE), "a refusal of type " + answer.type(), answers);
        }
        boolean isJson =
                answer.type().equals(ProblemAnswers.TYPE) || answer.type().startsWith(Answer.JSON);
        if (isJson && !method.equals("HEAD") && answer.isWhole()) {
            JsonNode json = ApiJson.mapper().readTree(answer.body());
            require(json.isObject(), "no object", answers);
            require(status < 400 || isProblem(json, status), "no problem", answers);
        }
        return status >= 400 ? Depth.REFUSED : Depth.ANSWERED;
    }

    private static boolean isProblem(JsonNode json, int status) {
        return json.path("status").asInt() == status
                && Set.of("type", "title", "detail").stream()
                        .noneMatch(name -> json.path(name).asText().isEmpty())
                && json.path("instance").isTextual();
    }

    /** On a connection that stays, unless the server has closed it meanwhile. */
    private static void requireHealth(ApiFixture to) throws IOException {
        for (boolean isNew = false; ; isNew = true) {
            Socket open = healthy;
            if (open == null || isNew) {
                open = connect(to);
                healthy = open;
                isNew = true;
            }
            try {
                open.getOutputStream().write(HEALTH);
                byte[] start = open.getInputStream().readNBytes("HTTP/1.1 200".length());
                if (start.length > 0 || isNew) {
                    require(Arrays.equals(start, "HTTP/1.1 200".getBytes(ISO_8859_1)), "not healthy any more", start);
                    byte[] rest = new byte[4096];
                    StringBuilder answer = new StringBuilder();
                    while (!answer.toString().endsWith("live\n")) {
                        int count = open.getInputStream().read(rest);
                        require(count > 0, "half an answer", answer);
                        answer.append(new String(rest, 0, count, ISO_8859_1));
                    }
                    return;
                }
            } catch (SocketException e) {
                require(!isNew, "does not answer any more", e);
            }
        }
    }

    private static void require(boolean holds, String what, Object about) {
        if (!holds) {
            throw new AssertionError(what + ": " + about);
        }
    }
}
