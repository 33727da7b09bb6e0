package io.qedstore.cli.api;

import io.qedstore.api.ClusterInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.GroupSnapshotRequest;
import io.qedstore.api.HistoryItems;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NewImportRequest;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.api.RewindForecast;
import io.qedstore.api.RewindRequest;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.api.Verification;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.SSLContext;

/**
 * A node's API. Images, snapshots and nodes are named as people name them. Every method waits for the answer, and throws
 * {@link RefusedException} where the node says no, {@link NoAnswerException} where none came, and another
 * {@link ApiException} where one came that makes no sense. Any thread may use it.
 */
public final class ApiClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /** A change waits for the log, a promotion for a lease to end besides. */
    private static final Duration CHANGE_TIMEOUT = Duration.ofMinutes(3);

    /** Before a file can be handed out, the node copies it and computes its digest. */
    private static final Duration EXPORT_TIMEOUT = Duration.ofHours(1);

    /** The node reads a part of the log, and may pass the question on. */
    private static final Duration HISTORY_TIMEOUT = Duration.ofMinutes(2);

    private static final int PAGE = 1000;

    private final ApiConnection connection;

    /**
     * @param base where the API is, without the version and without a slash at its end
     * @param tls empty for what Java trusts
     * @param token shown to the node, and to nobody that it points to
     */
    public ApiClient(URI base, Optional<SSLContext> tls, Optional<String> token) {
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(token.isPresent() ? HttpClient.Redirect.NEVER : HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT_TIMEOUT);
        tls.ifPresent(http::sslContext);
        this.connection = new ApiConnection(http.build(), base, token);
    }

    // ---- images

    /** All images that live, in the order of their names; or all in the trash. */
    public List<ImageInfo> images(boolean trash) throws ApiException {
        List<ImageInfo> images = new ArrayList<>();
        Optional<String> after = Optional.empty();
        do {
            HttpRequest.Builder asked = connection.request("/v1/images?limit=" + PAGE + (trash ? "&trash=true" : "")
                    + after.map(name -> "&after=" + encoded(name)).orElse(""));
            ImagePage page = connection.value(asked, READ_TIMEOUT, ImagePage.class);
            if (page.next().isPresent() && page.next().equals(after)) {
                throw connection.notUnderstood(
                        asked.build(), "the page after '" + after.get() + "' says that it follows itself");
            }
            images.addAll(page.items());
            after = page.next();
        } while (after.isPresent());
        return images;
    }

    record ImagePage(List<ImageInfo> items, Optional<String> next) {
        ImagePage {
            items = List.copyOf(items);
        }
    }

    public ImageInfo image(String name) throws ApiException {
        return get(path(name, ""), ImageInfo.class);
    }

    public ImageInfo create(NewImageRequest image) throws ApiException {
        return change("POST", "/v1/images", image, ImageInfo.class);
    }

    public ImageInfo rename(String name, String newName) throws ApiException {
        return change("POST", path(name, "/rename"), Map.of("name", newName), ImageInfo.class);
    }

    public ImageInfo resize(String name, long sizeBytes) throws ApiException {
        return change("POST", path(name, "/resize"), Map.of("sizeBytes", sizeBytes), ImageInfo.class);
    }

    public ImageInfo configure(String name, SettingsChange change) throws ApiException {
        return change("PATCH", path(name, ""), change, ImageInfo.class);
    }

    /** Puts an image into the trash. */
    public ImageInfo delete(String name) throws ApiException {
        return connection.value(connection.request(path(name, "")).DELETE(), CHANGE_TIMEOUT, ImageInfo.class);
    }

    /** @param newName empty for the name that it had */
    public ImageInfo undelete(String name, Optional<String> newName) throws ApiException {
        return change("POST", path(name, "/undelete"), new NewName(newName), ImageInfo.class);
    }

    private record NewName(Optional<String> name) {}

    public ImageInfo promote(String name, String node, boolean force, Optional<String> dead) throws ApiException {
        return change("POST", path(name, "/promote"), new Promotion(node, force, dead), ImageInfo.class);
    }

    private record Promotion(String node, boolean force, Optional<String> dead) {}

    public ImageInfo addReplica(String name, String node) throws ApiException {
        return change("POST", path(name, "/replicas"), Map.of("node", node), ImageInfo.class);
    }

    public ImageInfo removeReplica(String name, String node) throws ApiException {
        return connection.value(
                connection.request(path(name, "/replicas/" + segment(node))).DELETE(), CHANGE_TIMEOUT, ImageInfo.class);
    }

    public void scrub(String name, String node) throws ApiException {
        connection.done(
                connection
                        .request(path(name, "/scrub?node=" + encoded(node)))
                        .POST(HttpRequest.BodyPublishers.noBody()),
                CHANGE_TIMEOUT);
    }

    /** The copies on all nodes. */
    public List<CopyInfo> copies(String name) throws ApiException {
        return get(path(name, "/replicas"), Copies.class).items();
    }

    record Copies(List<CopyInfo> items) {
        Copies {
            items = List.copyOf(items);
        }
    }

    // ---- snapshots

    public List<SnapshotInfo> snapshots(String image) throws ApiException {
        return get(path(image, "/snapshots"), Snapshots.class).items();
    }

    record Snapshots(List<SnapshotInfo> items) {
        Snapshots {
            items = List.copyOf(items);
        }
    }

    /** @param snapshot empty for a name that the node makes of the time */
    public SnapshotInfo createSnapshot(String image, Optional<String> snapshot) throws ApiException {
        return change("POST", path(image, "/snapshots"), new NewName(snapshot), SnapshotInfo.class);
    }

    /**
     * Takes one point across several images.
     *
     * @param snapshot empty for a name that the node makes of the time
     */
    public List<SnapshotInfo> createSnapshots(List<String> images, Optional<String> snapshot) throws ApiException {
        return change("POST", "/v1/snapshots", new GroupSnapshotRequest(snapshot, images), Snapshots.class)
                .items();
    }

    public void deleteSnapshot(String image, String snapshot) throws ApiException {
        connection.done(
                connection
                        .request(path(image, "/snapshots/" + segment(snapshot)))
                        .DELETE(),
                CHANGE_TIMEOUT);
    }

    // ---- rewind

    /** Begins a rewind, which the image says of itself until it is done. */
    public ImageInfo rewind(String image, String point) throws ApiException {
        return connection.value(
                connection.withJson("POST", path(image, "/rewind"), new RewindRequest(point)),
                EXPORT_TIMEOUT,
                ImageInfo.class);
    }

    /** The node reads the whole disk. */
    public RewindForecast rewindPlan(String image, String point) throws ApiException {
        return connection.value(
                connection.request(path(image, "/rewind/plan?at=" + encoded(point))),
                EXPORT_TIMEOUT,
                RewindForecast.class);
    }

    // ---- retention

    public RetentionInfo retention(String image) throws ApiException {
        return get(path(image, "/retention"), RetentionInfo.class);
    }

    public RetentionInfo setRetention(String image, RetentionChange change) throws ApiException {
        return change("PATCH", path(image, "/retention"), change, RetentionInfo.class);
    }

    /** The node reads what would go. */
    public RetentionForecast retentionPlan(String image) throws ApiException {
        return connection.value(
                connection.request(path(image, "/retention/plan")), EXPORT_TIMEOUT, RetentionForecast.class);
    }

    // ---- history

    /** @param after {@code next} of the page before; empty for the first */
    public HistoryItems history(String image, HistoryQuery query, Optional<String> after) throws ApiException {
        String rest = query.parameters()
                + after.map(place -> "&after=" + encoded(place)).orElse("");
        return connection.value(
                connection.request(path(image, "/history?limit=" + PAGE + rest)), HISTORY_TIMEOUT, HistoryItems.class);
    }

    // ---- verification

    /** Has the log and all copies verified. */
    public Verification startVerification(String image) throws ApiException {
        return connection.value(
                connection.request(path(image, "/verify")).POST(HttpRequest.BodyPublishers.noBody()),
                READ_TIMEOUT,
                Verification.class);
    }

    /** How that stands. */
    public Verification verification(String image) throws ApiException {
        return get(path(image, "/verify"), Verification.class);
    }

    // ---- export

    /**
     * Has the node make a file of an image, and tells where that holds anything but zeros.
     *
     * @param image as it is now, or {@code IMAGE@POINT} as it was
     * @param since empty for the whole image
     */
    public ImageExtents extents(String image, ExportForm form, Optional<ExportSince> since) throws ApiException {
        String changed = since.map(
                        wanted -> "&since=" + encoded(wanted.point()) + "&backing=" + encoded(wanted.backing()))
                .orElse("");
        return connection.value(
                connection.request(exportPath(image, "/export/extents", form) + changed),
                EXPORT_TIMEOUT,
                ImageExtents.class);
    }

    private static String exportPath(String image, String route, ExportForm form) throws ApiException {
        int at = image.indexOf('@');
        String name = at < 0 ? image : image.substring(0, at);
        String point = at < 0 ? "" : "&at=" + segment(image.substring(at + 1));
        return path(name, route + "?form=" + form.word() + point);
    }

    /**
     * Bytes {@code [fileOffset, fileOffset + lengthBytes)} of a file that the node has made.
     *
     * @param tag the file's
     * @return empty if the node does not have that file any more
     */
    public Optional<byte[]> exported(String image, ExportForm form, String tag, long fileOffset, int lengthBytes)
            throws ApiException {
        String quoted = '"' + tag + '"';
        HttpRequest request = connection
                .request(exportPath(image, "/export", form))
                .setHeader("Accept", "application/octet-stream, application/problem+json")
                .header("Range", "bytes=" + fileOffset + "-" + (fileOffset + lengthBytes - 1))
                .header("If-Match", quoted)
                .header("If-Range", quoted)
                .build();
        HttpResponse<CappedBody.Bytes> response;
        try {
            response = connection.send(request, READ_TIMEOUT.plus(READ_TIMEOUT), lengthBytes);
        } catch (RefusedException e) {
            if (e.isGone()) {
                return Optional.empty();
            }
            throw e;
        }
        boolean sameFile =
                response.headers().firstValue("ETag").map(quoted::equals).orElse(true);
        if (response.statusCode() != HttpURLConnection.HTTP_PARTIAL || !sameFile) {
            return Optional.empty(); // the whole of another file
        }
        byte[] bytes = response.body().bytes();
        if (!response.body().whole() || bytes.length != lengthBytes) {
            throw connection.notUnderstood(
                    request,
                    "asked for " + lengthBytes + " bytes from " + fileOffset + " on, found "
                            + (response.body().whole() ? bytes.length + "" : "more"));
        }
        OptionalLong start = ContentRange.start(response.headers().firstValue("Content-Range"));
        if (start.isEmpty() || start.getAsLong() != fileOffset) {
            throw connection.notUnderstood(
                    request,
                    "asked for bytes from " + fileOffset + " on, found Content-Range "
                            + response.headers().firstValue("Content-Range").orElse("missing"));
        }
        return Optional.of(bytes);
    }

    // ---- import

    /** Begins to import a file, or goes on with an import of the same. */
    public ImportInfo beginImport(String image, NewImportRequest request) throws ApiException {
        return change("POST", path(image, "/import"), request, ImportInfo.class);
    }

    public ImportInfo importState(ImportInfo of) throws ApiException {
        return get(importPath(of, "") + importNode(of), ImportInfo.class);
    }

    /** @param piece 1 MiB at most, in an array */
    public ImportInfo sendPiece(ImportInfo of, long fileOffset, ByteBuffer piece) throws ApiException {
        return connection.value(
                connection
                        .request(importPath(of, "/bytes") + importNode(of) + "&from=" + fileOffset)
                        .header("Content-Type", "application/octet-stream")
                        .header("Content-Digest", "sha-256=:" + sha256(piece) + ":")
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(
                                piece.array(), piece.arrayOffset() + piece.position(), piece.remaining())),
                READ_TIMEOUT.plus(READ_TIMEOUT),
                ImportInfo.class);
    }

    public ImportInfo finishImport(ImportInfo of) throws ApiException {
        return connection.value(
                connection
                        .request(importPath(of, "/finish") + importNode(of))
                        .POST(HttpRequest.BodyPublishers.noBody()),
                CHANGE_TIMEOUT,
                ImportInfo.class);
    }

    private static String importPath(ImportInfo of, String rest) throws ApiException {
        return path(of.name(), "/import/" + segment(of.id()) + rest);
    }

    private static String importNode(ImportInfo of) {
        return "?node=" + encoded(of.node());
    }

    private static String sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    // ---- nodes

    public List<NodeInfo> nodes() throws ApiException {
        return get("/v1/nodes", Nodes.class).items();
    }

    record Nodes(List<NodeInfo> items) {
        Nodes {
            items = List.copyOf(items);
        }
    }

    public NodeInfo node(String id) throws ApiException {
        return get("/v1/nodes/" + segment(id), NodeInfo.class);
    }

    public NodeInfo drain(String id, boolean draining) throws ApiException {
        return change("POST", "/v1/nodes/" + segment(id) + "/drain", Map.of("draining", draining), NodeInfo.class);
    }

    public ClusterInfo cluster() throws ApiException {
        return get("/v1/cluster", ClusterInfo.class);
    }

    private <T> T get(String path, Class<T> type) throws ApiException {
        return connection.value(connection.request(path), READ_TIMEOUT, type);
    }

    private <T> T change(String method, String path, Object value, Class<T> type) throws ApiException {
        return connection.value(connection.withJson(method, path, value), CHANGE_TIMEOUT, type);
    }

    private static String path(String image, String rest) throws ApiException {
        return "/v1/images/" + segment(image) + rest;
    }

    /** A name as a part of a path; those that would lead to another path are none. */
    private static String segment(String name) throws ApiException {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new ApiException("'" + name + "' can be no name; expected letters and digits");
        }
        return encoded(name);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
