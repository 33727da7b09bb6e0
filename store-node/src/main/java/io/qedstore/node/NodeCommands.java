package io.qedstore.node;

import io.qedstore.api.BackingInfo;
import io.qedstore.api.ClusterInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageExport;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.NotHereException;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageDeleted;
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
import io.qedstore.event.SnapshotName;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogException;
import io.qedstore.log.kafka.Finding;
import io.qedstore.log.kafka.LogName;
import io.qedstore.points.PointFile;
import io.qedstore.rebuild.NotCoveredException;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointException;
import io.qedstore.replica.SentCopy;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** What people ask of this node. */
final class NodeCommands implements NodeService {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NodeParts parts;
    private final ImageLookup lookup;
    private final ImageCreation creation;
    private final OwnerCommands owner;
    private final RetentionCommands retention;
    private final ReplicaCommands replicas;
    private final NodeMetrics metrics;

    NodeCommands(NodeParts parts, NodeMetrics metrics) {
        this.parts = parts;
        this.lookup = new ImageLookup(parts.self(), parts.index(), parts.hosted());
        this.owner = new OwnerCommands(parts, lookup);
        this.creation = new ImageCreation(parts, new CloneOrigins(parts, lookup, owner));
        this.retention = new RetentionCommands(parts, lookup);
        this.replicas = new ReplicaCommands(parts, lookup);
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
        return Views.image(image, backing(image), copy(image));
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
    public ImageInfo promote(String name, String node, boolean force) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        owner.promote(image, node, force);
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
        Instant now = Instant.ofEpochMilli(parts.clock().wallMicros() / 1000);
        try (PointFile file = parts.points().open(image, Point.parse(at), now)) {
            return parts.exports().make(image.id().toString(), file.path(), file.sequence(), exact);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, "image " + image.name() + ": " + e.getMessage(), e);
        } catch (PointException e) {
            throw new ServiceException(ServiceError.NOT_FOUND, String.valueOf(e.getMessage()), e);
        } catch (NotCoveredException | LogException.Truncated e) {
            throw new ServiceException(ServiceError.CONFLICT, String.valueOf(e.getMessage()), e);
        }
    }

    // ---- nodes

    @Override
    public List<NodeInfo> nodes() throws IOException {
        return parts.index().nodes().stream()
                .map(node -> Views.node(node, parts.self()))
                .toList();
    }

    @Override
    public NodeInfo drain(String node, boolean draining) throws IOException, InterruptedException {
        NodeId id = new NodeId(node);
        parts.commands().submit(new NodeDrained(id, draining));
        return parts.index()
                .node(id)
                .map(known -> Views.node(known, parts.self()))
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
