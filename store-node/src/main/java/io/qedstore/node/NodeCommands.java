package io.qedstore.node;

import io.qedstore.api.BackingInfo;
import io.qedstore.api.ClusterInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.HistoryItems;
import io.qedstore.api.HistoryRequest;
import io.qedstore.api.HoldInfo;
import io.qedstore.api.ImageExport;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.ImagePointInfo;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NewImportRequest;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.NotHereException;
import io.qedstore.api.PromoteRequest;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.api.RewindForecast;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.api.Verification;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePoint;
import io.qedstore.event.CatalogEvent.ImageRenamed;
import io.qedstore.event.CatalogEvent.ImageUndeleted;
import io.qedstore.event.CatalogEvent.NodeDrained;
import io.qedstore.event.CatalogEvent.SnapshotDeleted;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Snapshot;
import io.qedstore.log.kafka.Finding;
import io.qedstore.log.kafka.LogName;
import io.qedstore.points.PointFile;
import io.qedstore.replica.SentCopy;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Executor;

/** What people ask of this node. */
final class NodeCommands implements NodeService {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NodeParts parts;
    private final ImageLookup lookup;
    private final ImageCreation creation;
    private final OwnerCommands owner;
    private final PointLookup points;
    private final HoldCommands holds;
    private final RewindCommands rewinds;
    private final RetentionCommands retention;
    private final ReplicaCommands replicas;
    private final HistoryCommands history;
    private final VerifyCommands verify;
    private final ImportCommands imports;
    private final NodeMetrics metrics;

    /** @param importing writes files of imports into logs */
    NodeCommands(NodeParts parts, NodeMetrics metrics, Executor importing) {
        this.parts = parts;
        this.lookup = new ImageLookup(parts.self(), parts.index(), parts.hosted());
        this.owner = new OwnerCommands(parts, lookup);
        this.points = new PointLookup(parts.points(), parts.clock());
        this.holds = new HoldCommands(parts, lookup, owner);
        this.rewinds = new RewindCommands(parts, lookup, owner, points);
        this.creation = new ImageCreation(parts, new CloneOrigins(parts, lookup, owner));
        this.retention = new RetentionCommands(parts, lookup);
        this.replicas = new ReplicaCommands(parts, lookup);
        this.history = new HistoryCommands(parts, lookup);
        this.verify = new VerifyCommands(parts, lookup);
        this.imports = new ImportCommands(parts, creation, importing);
        this.metrics = metrics;
    }

    // ---- images

    @Override
    public List<ImageInfo> images(Optional<String> after, int limit) throws IOException {
        Optional<ImageName> behind = after.map(ImageName::new);
        List<ImageInfo> infos = new ArrayList<>();
        for (CatalogImage image : parts.index().imagesByName(behind, limit)) {
            infos.add(info(image));
        }
        return infos;
    }

    @Override
    public List<ImageInfo> trash(Optional<String> after, int limit) throws IOException {
        Optional<ImageId> behind = after.map(id -> new ImageId(UUID.fromString(id)));
        List<ImageInfo> infos = new ArrayList<>();
        for (CatalogImage image : lookup.trash(behind, limit)) {
            infos.add(info(image));
        }
        return infos;
    }

    @Override
    public ImageInfo image(String name) throws IOException {
        return info(lookup.live(name));
    }

    private ImageInfo info(CatalogImage image) throws IOException {
        return Views.image(image, backing(image), parts.rewinder().info(image), copy(image));
    }

    private Optional<BackingInfo> backing(CatalogImage image) throws IOException {
        if (image.backing().isEmpty()) {
            return Optional.empty();
        }
        Backing backing = image.backing().get();
        return parts.index().image(backing.image()).map(base -> Views.backing(backing, base));
    }

    private Optional<CopyInfo> copy(CatalogImage image) {
        return parts.hosted()
                .get(image.id())
                .map(hosted -> Views.copy(
                        parts.self(),
                        hosted,
                        parts.nbd().clients(image.id()),
                        parts.scrubs().of(image.id())));
    }

    @Override
    public ImageInfo create(NewImageRequest request) throws IOException, InterruptedException {
        return info(creation.create(request));
    }

    @Override
    public ImageInfo rename(String name, String newName) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        parts.commands().submit(new ImageRenamed(image.id(), new ImageName(newName)));
        return fresh(image);
    }

    @Override
    public ImageInfo resize(String name, long sizeBytes) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        owner.resize(image, sizeBytes);
        return fresh(image);
    }

    @Override
    public ImageInfo configure(String name, SettingsChange change) throws IOException, InterruptedException {
        while (true) {
            CatalogImage image = lookup.live(name);
            ImageSettings now = image.settings();
            ImageConfigured configured = new ImageConfigured(image.id(), changed(now, change), Optional.of(now));
            if (parts.commands().trySubmit(configured)) {
                return fresh(image);
            }
        }
    }

    private static ImageSettings changed(ImageSettings now, SettingsChange change) throws ServiceException {
        return new ImageSettings(
                change.cache().isPresent()
                        ? ImageCreation.constant(
                                CacheMode.class, "cache", change.cache().get())
                        : now.cache(),
                change.attach().isPresent()
                        ? ImageCreation.constant(
                                AttachMode.class, "attach", change.attach().get())
                        : now.attach(),
                change.failover().isPresent()
                        ? ImageCreation.constant(
                                FailoverMode.class,
                                "failover",
                                change.failover().get())
                        : now.failover(),
                new Limits(
                        limit(change.limitIops(), now.limits().iops()),
                        limit(change.limitBps(), now.limits().bytesPerSecond())),
                now.retention());
    }

    private static OptionalLong limit(OptionalLong wanted, OptionalLong now) {
        if (wanted.isEmpty()) {
            return now;
        }
        return wanted.getAsLong() == 0 ? OptionalLong.empty() : wanted;
    }

    @Override
    public ImageInfo delete(String name) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        parts.commands().submit(new ImageDeleted(image.id()));
        return fresh(image);
    }

    @Override
    public ImageInfo undelete(String nameOrId, Optional<String> newName) throws IOException, InterruptedException {
        CatalogImage image = lookup.trashed(nameOrId);
        ImageName name = newName.isPresent() ? new ImageName(newName.get()) : image.name();
        parts.commands().submit(new ImageUndeleted(image.id(), name));
        return fresh(image);
    }

    @Override
    public ImageInfo promote(String name, PromoteRequest request) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        owner.promote(image, request);
        return fresh(image);
    }

    /** As the catalog has it now. */
    private ImageInfo fresh(CatalogImage image) throws IOException {
        return info(parts.index().image(image.id()).orElse(image));
    }

    @Override
    public Optional<CopyInfo> copy(String name) throws IOException {
        return copy(lookup.live(name));
    }

    @Override
    public ImageInfo addReplica(String name, String node) throws IOException, InterruptedException {
        return info(replicas.add(name, new NodeId(node)));
    }

    @Override
    public ImageInfo removeReplica(String name, String node) throws IOException, InterruptedException {
        return info(replicas.remove(name, new NodeId(node)));
    }

    @Override
    public void scrub(String name, Optional<String> node) throws IOException {
        CatalogImage image = lookup.live(name);
        if (node.isPresent() && !node.get().equals(parts.self().value())) {
            throw new NotHereException(node.get(), "node " + node.get() + " has to read its own copy");
        }
        lookup.copy(image);
        parts.scrubber().ask(image.id());
    }

    @Override
    public InputStream copyBytes(String id, long from, long maxDataBytes) throws IOException {
        ImageId image = new ImageId(UUID.fromString(id));
        CopyFile file = parts.hosted()
                .get(image)
                .flatMap(HostedImage::copy)
                .orElseThrow(() -> new ServiceException(
                        ServiceError.NOT_FOUND, "node " + parts.self() + " has no copy of image " + id + " open"));
        return new SentCopy(file.folded(), from, maxDataBytes);
    }

    // ---- snapshots

    @Override
    public List<SnapshotInfo> snapshots(String name) throws IOException {
        CatalogImage image = lookup.live(name);
        return parts.index().snapshots(image.id()).stream()
                .map(snapshot -> Views.snapshot(image, snapshot))
                .toList();
    }

    @Override
    public SnapshotInfo createSnapshot(String name, Optional<String> snapshot)
            throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        SnapshotName made = owner.snapshot(image, snapshot);
        Snapshot there = parts.index()
                .snapshot(image.id(), made)
                .orElseThrow(() -> new IOException("snapshot " + made + " is gone already"));
        return Views.snapshot(image, there);
    }

    @Override
    public void deleteSnapshot(String name, String snapshot) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        parts.commands().submit(new SnapshotDeleted(image.id(), new SnapshotName(snapshot)));
    }

    @Override
    public List<SnapshotInfo> createSnapshots(Optional<String> snapshot, List<ImagePointInfo> taken)
            throws IOException, InterruptedException {
        SnapshotName made = owner.snapshots(
                snapshot,
                taken.stream()
                        .map(point -> new ImagePoint(
                                new ImageId(UUID.fromString(point.image())),
                                new Sequence(point.sequence()),
                                point.timeMicros()))
                        .toList());
        List<SnapshotInfo> infos = new ArrayList<>();
        for (ImagePointInfo point : taken) {
            ImageId id = new ImageId(UUID.fromString(point.image()));
            Optional<CatalogImage> image = parts.index().image(id);
            Optional<Snapshot> there = parts.index().snapshot(id, made);
            if (image.isPresent() && there.isPresent()) {
                infos.add(Views.snapshot(image.get(), there.get()));
            }
        }
        return infos;
    }

    @Override
    public HoldInfo hold(String name) throws IOException, InterruptedException {
        return holds.hold(name);
    }

    @Override
    public ImagePointInfo heldPoint(String name, String token) throws IOException, InterruptedException {
        return holds.point(name, token);
    }

    @Override
    public void endHold(String name, String token) throws IOException {
        holds.end(name, token);
    }

    // ---- rewind

    @Override
    public ImageInfo rewind(String name, String point) throws IOException, InterruptedException {
        return info(rewinds.begin(name, point));
    }

    @Override
    public RewindForecast rewindPlan(String name, String point) throws IOException, InterruptedException {
        return rewinds.plan(name, point);
    }

    // ---- retention

    @Override
    public RetentionInfo retention(String name) throws IOException {
        return retention.show(name);
    }

    @Override
    public RetentionInfo setRetention(String name, RetentionChange change) throws IOException, InterruptedException {
        return retention.set(name, change);
    }

    @Override
    public RetentionForecast retentionPlan(String name) throws IOException {
        return retention.plan(name);
    }

    // ---- history

    @Override
    public HistoryItems history(String name, HistoryRequest request) throws IOException {
        return history.history(name, request);
    }

    // ---- verification

    @Override
    public Verification startVerification(String name, boolean withLog) throws IOException {
        return verify.start(name, withLog);
    }

    @Override
    public Verification verification(String name) throws IOException {
        return verify.state(name);
    }

    // ---- export

    @Override
    public ImageExport export(String name, Optional<String> at, boolean exact, Optional<String> tag)
            throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        String id = image.id().toString();
        if (tag.isPresent()) {
            return parts.exports().get(id, exact, tag.get());
        }
        if (at.isPresent()) {
            return pointExport(image, at.get(), exact);
        }
        HostedImage hosted = lookup.copy(image);
        CopyFile file = CatalogCommands.await(hosted.open(), "image " + name, PATIENCE);
        return parts.exports().make(id, file, parts.logs().open(LogName.of(image.id()), parts.newLogs()), exact);
    }

    private ImageExport pointExport(CatalogImage image, String at, boolean exact) throws IOException {
        try (PointFile file = points.open(image, at)) {
            return parts.exports().make(image.id().toString(), file.view(), file.sequence(), exact);
        }
    }

    @Override
    public ImageExport exportSince(String name, String since, String backing, Optional<String> at) throws IOException {
        return new OverlayExports(points, parts.exports()).make(lookup.live(name), since, backing, at);
    }

    // ---- import

    @Override
    public ImportInfo beginImport(String name, NewImportRequest request) throws IOException {
        return imports.beginImport(name, request);
    }

    @Override
    public ImportInfo importState(String name, String id, Optional<String> node) throws IOException {
        return imports.importState(name, id, node);
    }

    @Override
    public ImportInfo importPiece(String name, String id, Optional<String> node, long fileOffset, byte[] piece)
            throws IOException {
        return imports.importPiece(name, id, node, fileOffset, piece);
    }

    @Override
    public ImportInfo finishImport(String name, String id, Optional<String> node) throws IOException {
        return imports.finishImport(name, id, node);
    }

    @Override
    public void dropImport(String name, String id, Optional<String> node) throws IOException {
        imports.dropImport(name, id, node);
    }

    // ---- nodes

    @Override
    public List<NodeInfo> nodes() throws IOException {
        return parts.index().nodes().stream()
                .map(node -> Views.node(node, parts.there().get(), parts.self()))
                .toList();
    }

    @Override
    public NodeInfo drain(String node, boolean draining) throws IOException, InterruptedException {
        NodeId id = new NodeId(node);
        parts.commands().submit(new NodeDrained(id, draining));
        return parts.index()
                .node(id)
                .map(known -> Views.node(known, parts.there().get(), parts.self()))
                .orElseThrow(() -> new ServiceException(ServiceError.NOT_FOUND, "there is no node " + id));
    }

    @Override
    public ClusterInfo cluster() throws IOException {
        List<String> findings = parts.logs().checkCluster(parts.newLogs()).stream()
                .map(Finding::toString)
                .toList();
        return new ClusterInfo(
                parts.index().nodes().size(),
                parts.index().liveImages(),
                parts.catalog().nextOffset(),
                findings);
    }

    @Override
    public Optional<String> notReady() {
        return parts.catalog().problem();
    }

    @Override
    public String metrics() {
        return metrics.scrape();
    }
}
