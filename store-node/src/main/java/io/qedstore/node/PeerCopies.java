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
import io.qedstore.security.PeerToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/** The copies of other nodes, over their APIs. */
final class PeerCopies implements OtherCopies, Failover.CopiesElsewhere {
    private static final Duration CONNECT = Duration.ofSeconds(3);

    /** A lost host says nothing at all. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private static final int SHOWN_BYTES = 2000;

    private final MetadataIndex index;
    private final Optional<SSLSocketFactory> tls;
    private final Duration silence;
    private final PeerToken token;

    /** @param tls shown to them, and what is asked of them; empty for what Java asks of everybody */
    PeerCopies(MetadataIndex index, Optional<SSLContext> tls, PeerToken token) {
        this(index, tls, token, SILENCE);
    }

    /** @param silence so long a node may say nothing while it sends its file */
    PeerCopies(MetadataIndex index, Optional<SSLContext> tls, PeerToken token, Duration silence) {
        this.index = index;
        this.token = token;
        this.silence = silence;
        this.tls = tls.map(SSLContext::getSocketFactory);
    }

    @Override
    public Optional<Long> applied(NodeId node, CatalogImage image) throws IOException {
        try (InputStream answer = ask(PeerUri.ownCopy(api(node), image.name().value()), CONNECT)) {
            return ApiJson.mapper().readValue(answer, CopyList.class).items().stream()
                    .filter(copy -> copy.state().equals(Views.word(Stage.FOLLOWING)) && copy.applied() > 0)
                    .map(CopyInfo::applied)
                    .findFirst();
        } catch (URISyntaxException | IllegalArgumentException e) {
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
            return ask(
                    PeerUri.of(api, "/v1/copies/" + image + "/bytes?from=" + from + "&max=" + maxDataBytes), silence);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("node " + node + " announced '" + api + "', which is no URL", e);
        }
    }

    /**
     * What a node answers. It is read by who asks, straight from the socket: with an {@link java.net.http.HttpClient} each 16 KiB
     * would go through the hands of two more threads.
     *
     * @param silence for how long nothing may come
     */
    private InputStream ask(URI uri, Duration silence) throws IOException {
        if (!(uri.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IllegalArgumentException(uri + " is not of http or https");
        }
        connection.setConnectTimeout((int) CONNECT.toMillis());
        connection.setReadTimeout((int) silence.toMillis());
        connection.setInstanceFollowRedirects(false);
        token.authorization().ifPresent(value -> connection.setRequestProperty("Authorization", value));
        if (connection instanceof HttpsURLConnection secure) {
            tls.ifPresent(secure::setSSLSocketFactory);
        }
        int status = status(connection, uri, silence);
        if (status == HttpURLConnection.HTTP_OK) {
            return connection.getInputStream();
        }
        InputStream failed = connection.getErrorStream();
        try (InputStream said = failed == null ? connection.getInputStream() : failed) {
            throw new IOException("it answered with status " + status + ": "
                    + new String(said.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8));
        }
    }

    /** @throws IOException if it does not answer in time, or is not the node that it should be */
    private static int status(HttpURLConnection connection, URI uri, Duration silence) throws IOException {
        try {
            return connection.getResponseCode();
        } catch (SocketTimeoutException e) {
            throw new IOException(uri.getAuthority() + " has said nothing for " + silence.toMillis() + " ms", e);
        } catch (SSLException e) {
            throw new IOException(
                    uri.getAuthority() + " is not trusted: " + e.getMessage()
                            + "; expected a certificate for this host that ca-cert.pem in api.tls.creds has signed",
                    e);
        }
    }
}
