package io.qedstore.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.qedstore.api.GroupSnapshotRequest;
import io.qedstore.api.HoldInfo;
import io.qedstore.api.ImagePointInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.NotHereException;
import io.qedstore.api.Problem;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Takes one point across several images, whichever nodes own them: lets the writes of all of them wait, notes where each is, lets
 * them go on, and names the points in one record of the catalog. Whatever goes wrong, nothing is named, and the writes go on by
 * themselves after a while at the latest.
 */
final class GroupSnapshots {
    private static final int MOST_AT_ONCE = 16;

    private final NodeService node;
    private final Peers peers;

    GroupSnapshots(NodeService node, Peers peers) {
        this.node = node;
        this.peers = peers;
    }

    List<SnapshotInfo> create(GroupSnapshotRequest request) throws IOException, InterruptedException {
        List<String> images = request.images();
        if (images.isEmpty() || images.size() > SnapshotsCreated.MOST || new HashSet<>(images).size() < images.size()) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "a group of " + images.size() + " images, expected 1 to " + SnapshotsCreated.MOST
                            + " different ones");
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(MOST_AT_ONCE, images.size()));
        try {
            return node.createSnapshots(request.name(), points(images, threads));
        } finally {
            threads.shutdownNow();
        }
    }

    private List<ImagePointInfo> points(List<String> images, ExecutorService threads)
            throws IOException, InterruptedException {
        Map<String, Step<HoldInfo>> holding = new LinkedHashMap<>();
        images.forEach(image -> holding.put(image, () -> hold(image)));
        Results<HoldInfo> holds = all(holding, threads);
        Map<String, Step<ImagePointInfo>> pointing = new LinkedHashMap<>();
        Map<String, Step<String>> ending = new HashMap<>();
        holds.found().forEach((image, hold) -> {
            pointing.put(image, () -> point(image, hold.token()));
            ending.put(image, () -> end(image, hold.token()));
        });
        Results<ImagePointInfo> points =
                holds.failure() == null ? all(pointing, threads) : new Results<>(Map.of(), holds.failure());
        Results<String> ended = all(ending, threads);
        for (@Nullable IOException failure : new IOException[] {points.failure(), ended.failure()}) {
            if (failure != null) {
                throw failure;
            }
        }
        return images.stream().map(points.found()::get).toList();
    }

    // ---- of all at once

    @FunctionalInterface
    private interface Step<T> {
        T run() throws IOException, InterruptedException;
    }

    /** @param failure the first one */
    private record Results<T>(
            Map<String, T> found, @Nullable IOException failure) {}

    /** Returns when each has ended. */
    private static <T> Results<T> all(Map<String, Step<T>> steps, ExecutorService threads) throws InterruptedException {
        Map<String, Future<T>> running = new LinkedHashMap<>();
        steps.forEach((image, step) -> running.put(image, threads.submit(step::run)));
        Map<String, T> found = new HashMap<>();
        List<IOException> failures = new ArrayList<>();
        for (Map.Entry<String, Future<T>> each : running.entrySet()) {
            try {
                found.put(each.getKey(), each.getValue().get());
            } catch (ExecutionException e) {
                failures.add(e.getCause() instanceof IOException known ? known : new IOException(e.getCause()));
            }
        }
        return new Results<>(found, failures.isEmpty() ? null : failures.get(0));
    }

    // ---- of one

    private HoldInfo hold(String image) throws IOException, InterruptedException {
        try {
            return node.hold(image);
        } catch (NotHereException e) {
            return ask("POST", image, "", e.node(), HoldInfo.class);
        }
    }

    private ImagePointInfo point(String image, String token) throws IOException, InterruptedException {
        try {
            return node.heldPoint(image, token);
        } catch (NotHereException e) {
            return ask("GET", image, "/" + token, e.node(), ImagePointInfo.class);
        }
    }

    private String end(String image, String token) throws IOException, InterruptedException {
        try {
            node.endHold(image, token);
        } catch (NotHereException e) {
            send("DELETE", image, "/" + token, e.node());
        }
        return image;
    }

    private <T> T ask(String method, String image, String token, String owner, Class<T> type)
            throws IOException, InterruptedException {
        byte[] body = send(method, image, token, owner);
        try {
            return ApiJson.mapper().readValue(body, type);
        } catch (JsonProcessingException e) {
            throw unavailable(owner, "its answer makes no sense: " + e.getOriginalMessage(), e);
        }
    }

    private byte[] send(String method, String image, String token, String owner)
            throws IOException, InterruptedException {
        NodeInfo at =
                peers.other(owner).orElseThrow(() -> unavailable(owner, "it has not announced where its API is", null));
        HttpResponse<byte[]> answer;
        try {
            HttpRequest request = peers.request(
                            PeerUri.of(at.api(), "/v1/images/" + PeerUri.encoded(image) + "/hold" + token))
                    .timeout(peers.timeouts().answer())
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            answer = peers.client().send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (URISyntaxException | IllegalArgumentException | IOException e) {
            throw unavailable(owner, "asked at " + at.api() + ": " + Reason.of(e), e);
        }
        if (answer.statusCode() / 100 != 2) {
            throw new ServiceException(error(answer.statusCode()), why(answer.body(), owner, answer.statusCode()));
        }
        return answer.body();
    }

    private static ServiceException unavailable(String owner, String why, @Nullable Exception cause) {
        String message = "cannot ask node '" + owner + "': " + why + "; no snapshot was made";
        return cause == null
                ? new ServiceException(ServiceError.UNAVAILABLE, message)
                : new ServiceException(ServiceError.UNAVAILABLE, message, cause);
    }

    private static ServiceError error(int status) {
        return switch (status) {
            case 404 -> ServiceError.NOT_FOUND;
            case 409 -> ServiceError.CONFLICT;
            case 410 -> ServiceError.GONE;
            default -> ServiceError.UNAVAILABLE;
        };
    }

    private static String why(byte[] body, String owner, int status) {
        try {
            return ApiJson.mapper().readValue(body, Problem.class).detail();
        } catch (IOException e) {
            return "node '" + owner + "' answered with status " + status;
        }
    }
}
