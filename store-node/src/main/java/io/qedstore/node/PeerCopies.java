package io.qedstore.node;

import io.qedstore.api.CopyInfo;
import io.qedstore.api.CopyList;
import io.qedstore.api.http.ApiJson;
import io.qedstore.api.http.PeerUri;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.CopyStatus.Stage;
import io.qedstore.hosting.OtherCopies;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The copies of other nodes, over their APIs. */
final class PeerCopies implements OtherCopies, Failover.CopiesElsewhere {
    private static final Duration CONNECT = Duration.ofSeconds(3);

    /** Until the first byte. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private static final int SHOWN_BYTES = 2000;

    private final MetadataIndex index;
    private final HttpClient client;
    private final WatchedStreams streams = new WatchedStreams(ANSWER, System::nanoTime);

    /** @param tls shown to them, and what is asked of them; empty for what Java asks of everybody */
    PeerCopies(MetadataIndex index, Optional<SSLContext> tls) {
        this.index = index;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** One second has passed. */
    void tick() {
        streams.tick();
    }

    @Override
    public Optional<Long> applied(NodeId node, CatalogImage image) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            PeerUri.ownCopy(api(node), image.name().value()))
                    .timeout(CONNECT)
                    .build();
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                return Optional.empty();
            }
            return ApiJson.mapper().readValue(answer.body(), CopyList.class).items().stream()
                    .filter(copy -> copy.state().equals(Views.word(Stage.FOLLOWING)) && copy.applied() > 0)
                    .map(CopyInfo::applied)
                    .findFirst();
        } catch (IOException | URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private String api(NodeId node) throws IOException {
        return index.node(node)
                .orElseThrow(() -> new IOException("node " + node + " has not announced where its API is"))
                .api()
                .value();
    }

    @Override
    public InputStream open(NodeId node, ImageId image, long from, long maxDataBytes) throws IOException {
        String api = api(node);
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            PeerUri.of(api, "/v1/copies/" + image + "/bytes?from=" + from + "&max=" + maxDataBytes))
                    .timeout(ANSWER)
                    .build();
            HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) {
                try (InputStream problem = answer.body()) {
                    throw new IOException("it answered with status " + answer.statusCode() + ": "
                            + new String(problem.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8));
                }
            }
            return streams.watch(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking node " + node, e);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("node " + node + " announced '" + api + "', which is no URL", e);
        }
    }
}
