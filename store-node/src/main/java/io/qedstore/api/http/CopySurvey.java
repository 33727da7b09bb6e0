package io.qedstore.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.CopyList;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks all nodes that an image is placed on for their copies, at the same time. */
final class CopySurvey {
    private final NodeService node;
    private final Peers peers;

    CopySurvey(NodeService node, Peers peers) {
        this.node = node;
        this.peers = peers;
    }

    /** This node's copy first; a node that does not answer in time has a copy that says so. */
    List<CopyInfo> all(String name) throws IOException {
        ImageInfo image = node.image(name);
        List<CopyInfo> copies = new ArrayList<>(node.copy(name).stream().toList());
        Set<String> placedOn = new LinkedHashSet<>(List.of(image.owner()));
        placedOn.addAll(image.replicas());
        List<CompletableFuture<CopyInfo>> others = new ArrayList<>();
        for (String id : placedOn.stream().sorted().toList()) {
            if (isSelf(id)) {
                continue;
            }
            Place place = new Place(id, id.equals(image.owner()) ? "owner" : "replica");
            others.add(peers.other(id)
                    .map(info -> ask(place, info, name))
                    .orElseGet(() -> CompletableFuture.completedFuture(
                            place.without("unreachable", "the node has not announced where its API is"))));
        }
        others.forEach(other -> copies.add(other.join()));
        return copies;
    }

    private boolean isSelf(String id) throws IOException {
        return node.nodes().stream().anyMatch(info -> info.self() && info.id().equals(id));
    }

    /** Never fails. */
    private CompletableFuture<CopyInfo> ask(Place place, NodeInfo at, String name) {
        HttpRequest request;
        try {
            request = peers.request(PeerUri.ownCopy(at.api(), name)).build();
        } catch (IOException e) {
            return CompletableFuture.completedFuture(place.without("unreachable", Reason.of(e)));
        } catch (URISyntaxException | IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    place.without("unreachable", "it announced '" + at.api() + "', which is no URL"));
        }
        CompletableFuture<HttpResponse<byte[]>> answer =
                peers.client().sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        return answer.orTimeout(peers.timeouts().survey().toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(place::read)
                .exceptionally(failure -> {
                    answer.cancel(true);
                    return place.without("unreachable", why(failure, at));
                });
    }

    private String why(Throwable failure, NodeInfo at) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String reason = cause instanceof TimeoutException
                ? "no answer within " + peers.timeouts().survey().toMillis() + " ms"
                : Reason.of(cause);
        return "asked at " + at.api() + ": " + reason;
    }

    /** A node that should have a copy, and what that should be. */
    private record Place(String node, String role) {
        CopyInfo read(HttpResponse<byte[]> answer) {
            if (answer.statusCode() != 200) {
                return without("unreachable", "it answered with status " + answer.statusCode());
            }
            try {
                return ApiJson.mapper().readValue(answer.body(), CopyList.class).items().stream()
                        .findFirst()
                        .orElseGet(() -> without("missing", "the node has no copy yet"));
            } catch (JsonProcessingException e) {
                return without("unreachable", "it answered with what is no list of copies: " + e.getOriginalMessage());
            } catch (IOException e) {
                return without("unreachable", "it answered with what cannot be read: " + Reason.of(e));
            }
        }

        CopyInfo without(String state, String detail) {
            return new CopyInfo(
                    node,
                    role,
                    state,
                    Optional.of(detail),
                    Optional.empty(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    Optional.empty(),
                    0,
                    List.of());
        }
    }
}
