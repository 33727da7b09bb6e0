package io.qedstore.api.http;

import io.qedstore.api.CopyVerification;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.Verification;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks all other nodes that an image is placed on to verify their copies, or how that stands, at the same time. */
final class VerifySurvey {
    private final NodeService node;
    private final Peers peers;

    VerifySurvey(NodeService node, Peers peers) {
        this.node = node;
        this.peers = peers;
    }

    /**
     * Adds the others' copies to what this node has to say.
     *
     * @param method POST to begin, GET to hear how it stands
     */
    Verification withOthers(String name, Verification own, String method) throws IOException {
        ImageInfo image = node.image(name);
        TreeSet<String> placedOn = new TreeSet<>(image.replicas());
        placedOn.add(image.owner());
        for (NodeInfo info : node.nodes()) {
            if (info.self()) {
                placedOn.remove(info.id());
            }
        }
        List<CompletableFuture<CopyVerification>> others = placedOn.stream()
                .map(id -> ask(id, id.equals(image.owner()) ? "owner" : "replica", name, method))
                .toList();
        List<CopyVerification> copies = new ArrayList<>(own.copies());
        others.forEach(other -> copies.add(other.join()));
        return new Verification(own.log(), copies);
    }

    /** Never fails. */
    private CompletableFuture<CopyVerification> ask(String id, String role, String name, String method) {
        HttpRequest request;
        try {
            Optional<NodeInfo> at = peers.other(id);
            if (at.isEmpty()) {
                return CompletableFuture.completedFuture(
                        unreachable(id, role, "the node has not announced where its API is"));
            }
            request = peers.request(
                            PeerUri.of(at.get().api(), "/v1/images/" + PeerUri.encoded(name) + "/verify?local=true"))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
        } catch (IOException | URISyntaxException | IllegalArgumentException e) {
            return CompletableFuture.completedFuture(unreachable(id, role, Reason.of(e)));
        }
        CompletableFuture<HttpResponse<byte[]>> answer =
                peers.client().sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        return answer.orTimeout(peers.timeouts().survey().toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(there -> read(there, id, role))
                .exceptionally(failure -> {
                    answer.cancel(true);
                    return unreachable(id, role, "asked at " + request.uri() + ": " + why(failure));
                });
    }

    private String why(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof TimeoutException
                ? "no answer within " + peers.timeouts().survey().toMillis() + " ms"
                : Reason.of(cause);
    }

    private static CopyVerification read(HttpResponse<byte[]> answer, String id, String role) {
        if (answer.statusCode() != 200) {
            return unreachable(id, role, "it answered with status " + answer.statusCode());
        }
        try {
            return ApiJson.mapper().readValue(answer.body(), Verification.class).copies().stream()
                    .findFirst()
                    .orElseGet(() ->
                            CopyVerification.without(id, role, "missing", Optional.of("the node has no copy yet")));
        } catch (IOException e) {
            return unreachable(id, role, "it answered with what cannot be read: " + Reason.of(e));
        }
    }

    private static CopyVerification unreachable(String id, String role, String why) {
        return CopyVerification.without(id, role, "unreachable", Optional.of(why));
    }
}
