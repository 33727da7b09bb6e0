package io.qedstore.api.http;

import io.qedstore.api.NodeInfo;
import io.qedstore.api.NotHereException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Passes a request on to the node that has to be asked instead, once: a node that is told that a request was forwarded refuses
 * what is not its own.
 */
final class Forwarding {
    /** What of a request matters to whoever answers it. */
    private static final List<String> REQUEST_HEADERS = List.of(
            "Accept",
            "Authorization",
            "Content-Type",
            "Content-Encoding",
            ContentDigest.HEADER,
            "Range",
            "If-Range",
            "If-Match",
            "If-None-Match");

    private static final List<String> ANSWER_HEADERS = List.of(
            "Accept-Ranges",
            "Cache-Control",
            "Content-Disposition",
            "Content-Length",
            "Content-Range",
            "Content-Type",
            "ETag",
            "Location",
            "Repr-Digest",
            "Retry-After",
            ExportDownload.SEQUENCE);

    private final Peers peers;
    private final Transfer transfer;
    private final Semaphore turns;

    /** @param most that are forwarded at a time: each waits for another node, and keeps a thread meanwhile */
    Forwarding(Peers peers, Transfer transfer, int most) {
        this.peers = peers;
        this.transfer = transfer;
        this.turns = new Semaphore(most);
    }

    void run(Call call, NotHereException elsewhere) throws IOException, InterruptedException, RefusedException {
        if (call.header(Peers.FORWARDED).isPresent()) {
            throw refused(
                    ProblemKind.UNAVAILABLE,
                    elsewhere.getMessage() + "; the request was forwarded to this node already, so ask node '"
                            + elsewhere.node() + "' itself, or try again once the nodes agree");
        }
        NodeInfo node = peers.other(elsewhere.node())
                .orElseThrow(() -> refused(
                        ProblemKind.UNAVAILABLE,
                        elsewhere.getMessage() + "; node '" + elsewhere.node()
                                + "' has not announced where its API is"));
        if (!turns.tryAcquire()) {
            throw refused(ProblemKind.BUSY, "as many requests wait for other nodes as may; try again later");
        }
        try {
            HttpResponse<InputStream> answer = send(request(call, node), node, timeout(call));
            try (InputStream body = answer.body()) {
                passOn(call, answer, body);
            }
        } finally {
            turns.release();
        }
    }

    private Duration timeout(Call call) {
        return call.route().exports()
                ? peers.timeouts().export()
                : peers.timeouts().answer();
    }

    private HttpRequest request(Call call, NodeInfo node) throws IOException, RefusedException {
        HttpServletRequest from = call.context().req();
        String query = from.getQueryString();
        try {
            byte[] body = call.body();
            URI uri = PeerUri.of(node.api(), from.getRequestURI() + (query == null ? "" : "?" + query));
            boolean isNamed = call.header("Authorization").isPresent();
            HttpRequest.Builder request = (isNamed ? Peers.nameless(uri) : inOurName(uri))
                    .timeout(timeout(call))
                    .method(
                            from.getMethod(),
                            body.length == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body));
            for (String name : REQUEST_HEADERS) {
                call.header(name).ifPresent(value -> request.header(name, value));
            }
            return request.build();
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw refused(
                    ProblemKind.BAD_GATEWAY,
                    "cannot ask node '" + node.id() + "' at '" + node.api() + "': " + e.getMessage());
        }
    }

    /** Of somebody who was let in here otherwise than by a token. */
    private HttpRequest.Builder inOurName(URI uri) throws RefusedException {
        try {
            return peers.request(uri);
        } catch (IOException e) {
            throw refused(ProblemKind.UNAVAILABLE, "cannot ask another node: " + Reason.of(e));
        }
    }

    private HttpResponse<InputStream> send(HttpRequest request, NodeInfo node, Duration timeout)
            throws InterruptedException, RefusedException {
        String attempt = "cannot ask node '" + node.id() + "' at " + node.api() + ": ";
        try {
            return peers.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw refused(ProblemKind.UNAVAILABLE, attempt + Reason.of(e) + "; nothing was done");
        } catch (HttpTimeoutException e) {
            throw refused(
                    ProblemKind.GATEWAY_TIMEOUT,
                    attempt + "it did not answer within "
                            + timeout.toSeconds()
                            + " s; whether it has done what it was asked for is not known");
        } catch (IOException e) {
            throw refused(
                    ProblemKind.BAD_GATEWAY,
                    attempt + Reason.of(e) + "; whether it has done what it was asked for is not known");
        }
    }

    private void passOn(Call call, HttpResponse<InputStream> from, InputStream body) throws IOException {
        HttpServletResponse to = call.context().res();
        to.setStatus(from.statusCode());
        for (String name : ANSWER_HEADERS) {
            from.headers().firstValue(name).ifPresent(value -> to.setHeader(name, value));
        }
        transfer.run(body::read, to.getOutputStream(), () -> giveUp(call, body));
    }

    private static void giveUp(Call call, InputStream body) {
        Connections.abort(call.context());
        try {
            body.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RefusedException refused(ProblemKind kind, String detail) {
        Refusal refusal = ErrorMapping.of(kind, detail);
        return new RefusedException(kind, detail, refusal.headers());
    }
}
