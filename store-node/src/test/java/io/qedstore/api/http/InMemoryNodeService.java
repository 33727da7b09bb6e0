package io.qedstore.api.http;

import io.qedstore.api.ClusterInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.CopyVerification;
import io.qedstore.api.HistoryItem;
import io.qedstore.api.HistoryItems;
import io.qedstore.api.HistoryRequest;
import io.qedstore.api.HoldInfo;
import io.qedstore.api.ImageExport;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.ImagePointInfo;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.LogVerification;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NewImportRequest;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.NotHereException;
import io.qedstore.api.OperationInfo;
import io.qedstore.api.PromoteRequest;
import io.qedstore.api.RetentionBound;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.api.RewindForecast;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SettingsInfo;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.api.Verification;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node without a log: images in a map. What it changes is there at once. */
final class InMemoryNodeService implements NodeService {
    static final Instant NOW = Instant.parse("2026-11-27T12:00:00.123456Z");

    /** What is to be done before anything is; throws what a test wants to see. */
    @FunctionalInterface
    interface Trouble {
        void befall(String name) throws IOException, InterruptedException;
    }

    final String id;
    final List<NodeInfo> nodes = new CopyOnWriteArrayList<>();
    final Map<String, ImageInfo> images = new ConcurrentSkipListMap<>();
    final Map<String, ImageInfo> trash = new ConcurrentSkipListMap<>();
    final Map<String, CopyInfo> copies = new ConcurrentHashMap<>();
    final Map<String, Map<String, SnapshotInfo>> snapshots = new ConcurrentHashMap<>();
    final Map<String, MemoryExport> exports = new ConcurrentHashMap<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile byte[] file = new byte[0];
    volatile String copied = "";
    volatile String notReady = "";
    volatile Trouble trouble = name -> {};

    InMemoryNodeService(String id) {
        this.id = id;
    }

    static ImageInfo image(String name, String owner, String... replicas) {
        return new ImageInfo(
                name,
                "11111111-2222-3333-4444-555555555555",
                "66666666-7777-8888-9999-000000000000",
                "LIVE",
                1 << 20,
                65536,
                4,
                Optional.empty(),
                new SettingsInfo("writeback", "exclusive", "manual", OptionalLong.empty(), OptionalLong.of(5)),
                owner,
                List.of(replicas),
                NOW,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static CopyInfo copy(String node, String role) {
        return new CopyInfo(
                node,
                role,
                "owning",
                Optional.empty(),
                Optional.of(node),
                3,
                100,
                90,
                80,
                70,
                0,
                0,
                0,
                0,
                Optional.empty(),
                4096,
                List.of("c1"));
    }

    ImageInfo put(ImageInfo image) {
        images.put(image.name(), image);
        return image;
    }

    MemoryExport exported(String tag) {
        return Objects.requireNonNull(exports.get(tag), tag);
    }

    private ImageInfo find(String name) throws IOException {
        try {
            trouble.befall(name);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ImageInfo image = images.get(name);
        if (image == null) {
            throw new ServiceException(ServiceError.NOT_FOUND, "there is no image '" + name + "'");
        }
        if (!image.owner().equals(id) && copies.get(name) == null) {
            throw new NotHereException(image.owner(), "image '" + name + "' is owned by node '" + image.owner() + "'");
        }
        return image;
    }

    @Override
    public List<ImageInfo> images(Optional<String> after, int limit) throws IOException {
        calls.add("images " + after.orElse("-") + " " + limit);
        try {
            trouble.befall("");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return images.values().stream()
                .filter(image -> after.isEmpty() || image.name().compareTo(after.get()) > 0)
                .limit(limit)
                .toList();
    }

    @Override
    public List<ImageInfo> trash(Optional<String> after, int limit) {
        return trash.values().stream()
                .filter(image -> after.isEmpty() || image.id().compareTo(after.get()) > 0)
                .sorted(Comparator.comparing(ImageInfo::id))
                .limit(limit)
                .toList();
    }

    @Override
    public ImageInfo image(String name) throws IOException {
        calls.add("image " + name);
        ImageInfo image = images.get(name);
        return image == null ? find(name) : image;
    }

    @Override
    public ImageInfo create(NewImageRequest request) throws IOException, InterruptedException {
        trouble.befall(request.name());
        calls.add("create " + request);
        String owner = request.owner().orElse(id);
        if (!owner.equals(id)) {
            throw new NotHereException(owner, "node '" + owner + "' is to own image '" + request.name() + "'");
        }
        long sizeBytes = request.sizeBytes().orElse(1);
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("a size of " + sizeBytes + ", expected more than 0");
        }
        if (images.containsKey(request.name())) {
            throw new ServiceException(ServiceError.CONFLICT, "image '" + request.name() + "' exists already");
        }
        return put(image(request.name(), owner));
    }

    @Override
    public ImageInfo rename(String name, String newName) throws IOException {
        ImageInfo image = find(name);
        images.remove(name);
        return put(image(newName, image.owner()));
    }

    @Override
    public ImageInfo resize(String name, long sizeBytes) throws IOException {
        calls.add("resize " + name + " " + sizeBytes);
        return find(name);
    }

    @Override
    public ImageInfo configure(String name, SettingsChange change) throws IOException {
        calls.add("configure " + name + " " + change);
        return find(name);
    }

    @Override
    public RetentionInfo retention(String name) throws IOException {
        find(name);
        return new RetentionInfo(name, OptionalLong.of(60), OptionalLong.empty(), 7, Optional.of("too few"));
    }

    @Override
    public RetentionInfo setRetention(String name, RetentionChange change) throws IOException {
        calls.add("retention " + name + " " + change);
        return retention(name);
    }

    @Override
    public RetentionForecast retentionPlan(String name) throws IOException {
        find(name);
        return new RetentionForecast(
                name,
                7,
                Optional.of(new RetentionForecast.Going(9, 6, 8, 50, 90, 1234)),
                List.of(new RetentionBound("snapshot", "snapshot before", 9)),
                Optional.empty());
    }

    @Override
    public ImageInfo delete(String name) throws IOException {
        ImageInfo image = find(name);
        images.remove(name);
        trash.put(name, image);
        return image;
    }

    @Override
    public ImageInfo undelete(String nameOrId, Optional<String> newName) throws IOException {
        calls.add("undelete " + nameOrId + " " + newName.orElse("-"));
        ImageInfo image = trash.remove(nameOrId);
        if (image == null) {
            throw new ServiceException(ServiceError.NOT_FOUND, "there is no image '" + nameOrId + "' in the trash");
        }
        return put(image(newName.orElse(nameOrId), image.owner()));
    }

    @Override
    public ImageInfo promote(String name, PromoteRequest request) throws IOException {
        String node = request.node();
        calls.add("promote " + name + " " + node + " " + request.force().orElse(false)
                + request.dead().map(dead -> " dead " + dead).orElse(""));
        if (!node.equals(id)) {
            throw new NotHereException(node, "node '" + node + "' is to own image '" + name + "'");
        }
        return image(name);
    }

    @Override
    public ImageInfo addReplica(String name, String node) throws IOException {
        calls.add("add replica " + name + " " + node);
        return image(name);
    }

    @Override
    public ImageInfo removeReplica(String name, String node) throws IOException {
        calls.add("remove replica " + name + " " + node);
        if (!image(name).owner().equals(id)) {
            throw new NotHereException(image(name).owner(), "the owner has to do this");
        }
        return image(name);
    }

    @Override
    public void scrub(String name, Optional<String> node) throws IOException {
        if (node.isPresent() && !node.get().equals(id)) {
            throw new NotHereException(node.get(), "node '" + node.get() + "' has to read its copy");
        }
        calls.add("scrub " + image(name).name());
    }

    @Override
    public NodeInfo drain(String node, boolean draining) throws ServiceException {
        calls.add("drain " + node + " " + draining);
        return nodes.stream()
                .filter(known -> known.id().equals(node))
                .findAny()
                .orElseThrow(() -> new ServiceException(ServiceError.NOT_FOUND, "there is no node " + node));
    }

    @Override
    public InputStream copyBytes(String id, long from, long maxDataBytes) throws ServiceException {
        if (!id.equals(copied)) {
            throw new ServiceException(ServiceError.NOT_FOUND, "no copy of " + id);
        }
        return new ByteArrayInputStream((from + " " + maxDataBytes).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Optional<CopyInfo> copy(String name) throws IOException {
        image(name);
        return Optional.ofNullable(copies.get(name));
    }

    @Override
    public List<SnapshotInfo> snapshots(String name) throws IOException {
        find(name);
        return new ArrayList<>(snapshots.getOrDefault(name, Map.of()).values());
    }

    @Override
    public SnapshotInfo createSnapshot(String name, Optional<String> snapshot) throws IOException {
        find(name);
        SnapshotInfo created = new SnapshotInfo(name, snapshot.orElse("2026-11-27"), 12, NOW, NOW);
        snapshots.computeIfAbsent(name, key -> new TreeMap<>()).put(created.name(), created);
        return created;
    }

    @Override
    public void deleteSnapshot(String name, String snapshot) throws IOException {
        find(name);
        if (snapshots.getOrDefault(name, Map.of()).remove(snapshot) == null) {
            throw new ServiceException(
                    ServiceError.NOT_FOUND, "image '" + name + "' has no snapshot '" + snapshot + "'");
        }
    }

    @Override
    public List<SnapshotInfo> createSnapshots(Optional<String> snapshot, List<ImagePointInfo> points) {
        calls.add("snapshots " + snapshot.orElse("-") + " "
                + points.stream().map(ImagePointInfo::image).toList());
        return points.stream()
                .map(point -> new SnapshotInfo(point.image(), snapshot.orElse("now"), point.sequence(), NOW, NOW))
                .toList();
    }

    @Override
    public HoldInfo hold(String name) throws IOException {
        find(name);
        calls.add("hold " + name);
        return new HoldInfo("hold-of-" + name, 10_000);
    }

    @Override
    public ImagePointInfo heldPoint(String name, String token) throws IOException {
        find(name);
        calls.add("point " + name + " " + token);
        return new ImagePointInfo(name, 12, 1);
    }

    @Override
    public void endHold(String name, String token) throws IOException {
        find(name);
        calls.add("end " + name + " " + token);
    }

    @Override
    public ImageInfo rewind(String name, String point) throws IOException {
        calls.add("rewind " + name + " " + point);
        return find(name);
    }

    @Override
    public RewindForecast rewindPlan(String name, String point) throws IOException {
        find(name);
        calls.add("rewind plan " + name + " " + point);
        return new RewindForecast(name, 7, 12, 8192, 4096);
    }

    @Override
    public HistoryItems history(String name, HistoryRequest request) throws IOException {
        find(name);
        calls.add("history " + name + " " + request);
        HistoryItem item = new HistoryItem(
                "event",
                7,
                NOW,
                3,
                Optional.of(id),
                OptionalLong.of(12),
                4321,
                List.of(new OperationInfo("write", 65536, 4096)),
                Optional.empty(),
                Optional.empty());
        boolean isLast = request.after().isPresent();
        return new HistoryItems(isLast ? List.of() : List.of(item), isLast ? Optional.empty() : Optional.of("more"));
    }

    @Override
    public Verification startVerification(String name, boolean withLog) throws IOException {
        calls.add("verify " + name + " " + withLog);
        return verification(name);
    }

    @Override
    public Verification verification(String name) throws IOException {
        find(name);
        LogVerification log = new LogVerification(
                "ok", Optional.empty(), 0, 7, Optional.of("00000000000000000000000000000001"), 9, 9, 1, 2);
        CopyVerification copy = new CopyVerification(
                id, "owner", "differs", Optional.of("1 block"), 0, 6, 8192, 8192, 1, List.of(4096L));
        return new Verification(Optional.of(log), copies.containsKey(name) ? List.of(copy) : List.of());
    }

    @Override
    public ImageExport export(String name, Optional<String> at, boolean exact, Optional<String> tag)
            throws IOException, InterruptedException {
        calls.add("export " + name + at.map(point -> "@" + point).orElse("") + " " + exact + " " + tag.orElse("-"));
        find(name);
        if (tag.isPresent()) {
            MemoryExport kept = exports.get(tag.get());
            if (kept == null) {
                throw new ServiceException(ServiceError.GONE, "export " + tag.get() + " is not kept any more");
            }
            kept.opened();
            return kept;
        }
        MemoryExport made = new MemoryExport("tag-" + exports.size(), file);
        exports.put(made.tag(), made);
        made.opened();
        return made;
    }

    @Override
    public ImageExport exportSince(String name, String since, String backing, Optional<String> at)
            throws IOException, InterruptedException {
        calls.add("since " + since + " over " + backing);
        return export(name, at, false, Optional.empty());
    }

    @Override
    public ImportInfo beginImport(String name, NewImportRequest request) throws IOException {
        calls.add("begin import " + name + " " + request.fileBytes() + " " + request.content());
        requireNode(request.owner());
        return imported(name, "import-1", "uploading", 0);
    }

    @Override
    public ImportInfo importState(String name, String id, Optional<String> node) throws IOException {
        requireNode(node);
        return imported(name, id, "logging", 0);
    }

    @Override
    public ImportInfo importPiece(String name, String id, Optional<String> node, long fileOffset, byte[] piece)
            throws IOException {
        requireNode(node);
        calls.add("piece " + id + " " + fileOffset + " " + new String(piece, StandardCharsets.UTF_8));
        return imported(name, id, "uploading", fileOffset + piece.length);
    }

    @Override
    public ImportInfo finishImport(String name, String id, Optional<String> node) throws IOException {
        requireNode(node);
        calls.add("finish " + id);
        return imported(name, id, "waiting", 0);
    }

    @Override
    public void dropImport(String name, String id, Optional<String> node) throws IOException {
        requireNode(node);
        calls.add("drop " + id);
    }

    private void requireNode(Optional<String> node) throws IOException {
        if (node.isPresent() && !node.get().equals(id)) {
            throw new NotHereException(node.get(), "node '" + node.get() + "' has the import");
        }
    }

    private ImportInfo imported(String name, String importId, String state, long nextOffset) {
        return new ImportInfo(importId, name, id, state, Optional.empty(), 4096, nextOffset, 0, 0, List.of());
    }

    @Override
    public List<NodeInfo> nodes() {
        return nodes;
    }

    @Override
    public ClusterInfo cluster() {
        return new ClusterInfo(nodes.size(), images.size(), 42, List.of("unclean.leader.election.enable is true"));
    }

    @Override
    public Optional<String> notReady() {
        return Optional.of(notReady).filter(reason -> !reason.isEmpty());
    }

    @Override
    public String metrics() {
        return "# TYPE qedstore_images gauge\nqedstore_images " + images.size() + "\n";
    }
}
