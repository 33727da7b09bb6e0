package io.qedstore.node;

import io.netty.handler.ssl.SslContext;
import io.qedstore.api.http.ApiServer;
import io.qedstore.api.http.ApiSettings;
import io.qedstore.backing.BaseFiles;
import io.qedstore.backing.BaseScrub;
import io.qedstore.backing.BaseSteps;
import io.qedstore.catalog.Catalog;
import io.qedstore.config.NbdConfig;
import io.qedstore.config.NodeConfig;
import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.event.FormatVersion;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.export.KeptExports;
import io.qedstore.hosting.ByteRate;
import io.qedstore.hosting.Host;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.ImageFiles;
import io.qedstore.hosting.LogSource;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.ScrubMarks;
import io.qedstore.hosting.Scrubber;
import io.qedstore.hosting.SeedQueue;
import io.qedstore.hosting.SerialExecutor;
import io.qedstore.imports.KeptImports;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.rocksdb.RocksDbIndex;
import io.qedstore.index.rocksdb.RocksDbProgress;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.log.kafka.LogSettings;
import io.qedstore.log.kafka.NodeGroup;
import io.qedstore.nbd.NbdServer;
import io.qedstore.nbd.ServerLimits;
import io.qedstore.nbd.client.RemoteDisks;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.points.Checkpointer;
import io.qedstore.points.HistoryTrim;
import io.qedstore.points.PointFiles;
import io.qedstore.route.RouteSettings;
import io.qedstore.security.PeerToken;
import io.qedstore.security.ReloadingJdkTls;
import io.qedstore.security.ReloadingTls;
import io.qedstore.security.TlsFiles;
import io.qedstore.security.TokenFile;
import io.qedstore.verify.Verifications;
import io.qedstore.volume.PendingBudget;
import io.qedstore.volume.Volume;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store node: the only place where the parts are made and put together.
 *
 * <p>It starts from the bottom: the folder with its lock, the index, the API, which says from then on what the node waits for, Kafka,
 * the catalog up to its end, the images that are placed here, NBD; then it says that it is there. It ends the other way round:
 * requests in flight, then each image (what was acknowledged is on the disk, the log has a release), then the rest.
 */
public final class Node implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);
    private static final Duration FILES_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration CHECKPOINT_STEP = Duration.ofSeconds(1);
    private static final int PAGE = 1000;

    /** An owner holds those who forward to it for as long as an image is on its way to it. */
    private static final Duration PEER_PATIENCE = Duration.ofSeconds(25);

    private final NodeConfig config;
    private final OwnerClock clock = new SystemClock();
    private final Supplier<UUID> ids = UUID::randomUUID;
    private final Shutdown shutdown = new Shutdown();
    private final StartingService starting = new StartingService();
    private @Nullable Endpoints endpoints;

    private Node(NodeConfig config) {
        this.config = config;
    }

    /**
     * Returns once the node serves. Waits for Kafka as long as it takes; an interrupt ends that.
     *
     * @throws IOException if it cannot start; nothing is left running then
     */
    public static Node start(NodeConfig config) throws IOException, InterruptedException {
        Node node = new Node(config);
        boolean started = false;
        try {
            node.start();
            started = true;
            return node;
        } finally {
            if (!started) {
                node.shutdown.run();
            }
        }
    }

    public Endpoints endpoints() {
        return Objects.requireNonNull(endpoints, "a node that was started has endpoints");
    }

    private void start() throws IOException, InterruptedException {
        DataFolder folder = DataFolder.open(config.dataDir(), config.id());
        shutdown.add("the data folder", folder::close);
        RocksDbIndex index = RocksDbIndex.open(folder.index());
        shutdown.add("the index", index::close);
        RocksDbProgress progress = RocksDbProgress.open(index);
        shutdown.add("the progress", progress::close);
        DiskWatch disk = new DiskWatch(folder.path(), config.disk());
        NodeMetrics metrics = new NodeMetrics();
        shutdown.add("the metrics", metrics::close);
        NodeThreads threads = NodeThreads.start(config.copies().seedsAtOnce());
        shutdown.add("the threads", threads::end);

        ApiServer api = new ApiServer(
                starting.service(),
                ApiSettings.standard(
                        config.api().tls(),
                        config.api().tokens().map(TokenFile::new),
                        new PeerToken(config.api().peerToken())));
        shutdown.add("the API", api::close);
        InetSocketAddress apiAddress = api.listen(config.api().listen());

        KafkaLogs logs = KafkaLogs.connect(
                KafkaSettings.of(config.id().value(), config.kafka().connection()));
        shutdown.add("Kafka's clients", logs::close);
        KafkaStart kafka = new KafkaStart(logs, config.log(), starting::waitsFor);
        LogSettings newLogs = kafka.settings();
        KafkaEventLog catalogLog = kafka.catalog(newLogs);

        PendingBudget pending = new PendingBudget(config.pendingMaxBytes());
        metrics.gauge("qedstore.node.pending.bytes", "Bytes of changes of all images", pending::usedBytes);
        metrics.gauge(
                "qedstore.node.disk.used.ratio",
                "How full the data folder's disk is",
                () -> disk.usedPercent() / 100.0);
        PeerCopies peers =
                new PeerCopies(index, peerTls(), new PeerToken(config.api().peerToken()));
        SeedQueue seeds = new SeedQueue(
                threads.seeders(), new ByteRate(config.copies().seedBytesPerSecond(), clock::monotonicNanos));
        LogSource toRead = id -> logs.openToRead(LogName.of(id));
        CheckpointStart checkpoints = CheckpointStart.of(config, folder.checkpoints(), shutdown);
        RebuildSources sources = new RebuildSources(index, toRead, checkpoints.stores());
        BaseFiles bases = new BaseFiles(
                folder.images(),
                sources,
                config.copies().verifyReads(),
                threads.seeders(),
                clock::monotonicNanos,
                () -> disk.requireRoom("take the clone from this node"),
                BaseSteps.NONE);
        shutdown.add("the bases", bases::close);
        Host host = new Host(
                config.id(),
                config.roles().contains(NodeRole.OWNER),
                id -> logs.open(LogName.of(id), newLogs),
                progress,
                new ImageFiles(folder.images()),
                clock,
                ids,
                new OwnerSettings(config.id(), config.volume().lease(), RETRY_AFTER),
                config.volume().pendingMaxBytes(),
                pending,
                config.log().timeout().orElse(Duration.ZERO),
                disk::replicasStand,
                peers,
                seeds,
                bases,
                sources,
                config.copies().verifyReads(),
                threads.workers(),
                threads.appliers());
        ScrubMarks scrubs = ScrubMarks.load(folder.scrubs(), clock::wallMicros);
        ServedVolumes served = new ServedVolumes();
        HostedImages hosted = new HostedImages(host, served);
        PointFiles points = new PointFiles(
                folder.points(),
                sources,
                config.pointKeep(),
                clock::monotonicNanos,
                () -> disk.requireRoom("open the point on another node"),
                config.copies().verifyReads());
        PointExports pointExports = new PointExports(points, clock, config.pointKeep());
        ReloadingTls tls = tls();
        RemoteDisks disks = new RemoteDisks(() -> clientContext(tls), PEER_PATIENCE);
        shutdown.add("connections to other nodes", disks::close);
        OwnedExports owned = new OwnedExports(config.id(), threads.clock());
        NodeExports exports = new NodeExports(
                new ForwardingParts(
                        config.id(),
                        index,
                        hosted,
                        owned,
                        disks,
                        tls != null,
                        RouteSettings.DEFAULT.withTimeout(config.log().timeout().orElse(Duration.ZERO)),
                        threads.workers(),
                        threads.clock()),
                pointExports);
        served.by = exports;
        loadPlaced(index, hosted);

        Catalog catalog = new Catalog(
                catalogLog, index, config.id(), clock::wallMicros, new CatalogEvents(hosted, exports::changed));
        shutdown.add("the catalog", catalog::close);
        starting.waitsFor("the catalog is being read");
        catalog.start();
        awaitCatalog(catalog);
        folder.requireOnlyOne(index.node(config.id()).isPresent());
        folder.own();

        KeptExports kept = new KeptExports(
                folder.exports(),
                ids,
                clock::monotonicNanos,
                () -> disk.requireRoom("export from a node that has another copy"));
        KeptImports imports = new KeptImports(folder.imports(), clock::monotonicNanos);
        RemovableLogs removable = RemovableLogs.of(logs);
        CatalogCommands commands = new CatalogCommands(catalog);
        ImportRemains remains = new ImportRemains(imports, index, removable, commands);
        remains.clear();
        shutdown.add("the images", () -> closeImages(hosted));
        Scrubber scrubber = new Scrubber(
                hosted, scrubs, config.copies().scrubEvery(), config.copies().scrubBytesPerSecond());
        Verifications verifications = new Verifications(config.copies().scrubBytesPerSecond(), clock::monotonicNanos);
        shutdown.add("the verifications", verifications::stop);
        BaseScrub baseScrub = new BaseScrub(
                bases,
                config.copies().scrubEvery(),
                config.copies().scrubBytesPerSecond() * Scrubber.TURN.toMillis() / 1000,
                clock::monotonicNanos);
        scrub(threads, () -> {
            scrubber.turn();
            baseScrub.turn();
        });
        everySecond(threads, "images", hosted::tick);
        everySecond(threads, "lags", () -> threads.workers().execute(guarded("lags", hosted::lookAhead)));
        everySecond(threads, "bases", () -> bases.turn(hosted::placed));
        shutdown.add("the bases that are being made", bases::stop);
        everySecond(threads, "exports", kept::tick);
        everySecond(threads, "imports", imports::tick);
        everySecond(threads, "routes", exports::tick);
        everySecond(threads, "disk", disk::tick);
        everySecond(threads, "metrics", () -> metrics.update(hosted.all()));
        hosted.removeOthers(index);
        NewImages newImages = new NewImages(
                folder.creations(),
                index,
                id -> logs.create(LogName.of(id), newLogs),
                removable,
                commands,
                clock::monotonicNanos);
        Trash trash = new Trash(
                config.id(),
                config.trashKeep(),
                TrashAges.load(folder.trash()),
                index,
                catalog::submit,
                hosted,
                removable);
        Duration trashStep = Trash.step(config.trashKeep());
        threads.clock()
                .scheduleWithFixedDelay(
                        () -> threads.workers().execute(guarded("the trash", () -> {
                            trash.tick();
                            remains.clear();
                            newImages.clear();
                        })),
                        trashStep.toMillis(),
                        trashStep.toMillis(),
                        TimeUnit.MILLISECONDS);
        Rewinder rewinder = new Rewinder(config.id(), hosted, owned, points, commands, clock, threads.workers());
        everySecond(threads, "rewinds", rewinder::tick);
        shutdown.add("the rewinds", rewinder::stop);
        Checkpointer checkpointer = checkpoints.checkpointer(config, index, hosted, toRead, clock, commands::say, disk);
        shutdown.add("the checkpoints", checkpointer::stop);
        AtomicReference<@Nullable NodeGroup> group = new AtomicReference<>();
        Supplier<Optional<Set<NodeId>>> there =
                () -> Optional.ofNullable(group.get()).flatMap(NodeGroup::members);
        HistoryTrim trim = checkpoints.trim(
                index, hosted, id -> new KafkaTrimmedLog(logs.openToRead(LogName.of(id))), there, clock, commands::say);
        trimHistories(threads, trim, metrics);
        threads.clock()
                .scheduleWithFixedDelay(
                        () -> threads.workers().execute(guarded("checkpoints", checkpointer::tick)),
                        CHECKPOINT_STEP.toMillis(),
                        CHECKPOINT_STEP.toMillis(),
                        TimeUnit.MILLISECONDS);
        threads.clock()
                .scheduleWithFixedDelay(
                        guarded("owners", hosted::tickOwners),
                        0,
                        hosted.ownerTick().toMillis(),
                        TimeUnit.MILLISECONDS);

        everySecond(threads, "points", () -> {
            pointExports.tick();
            points.tick();
        });
        shutdown.add("the points", pointExports::close);
        NbdServer nbd = nbdServer(exports, tls);
        shutdown.add("NBD", nbd::close);
        shutdown.add("the points that are being made", points::stop);
        shutdown.add("requests that wait for other nodes", exports::stop);
        metrics.gauge("qedstore.nbd.connections", "NBD clients that are connected", nbd::connections);
        Optional<InetSocketAddress> nbdAddress = listen(nbd);
        Endpoints found = Endpoints.of(config, apiAddress, nbdAddress);
        endpoints = found;

        announce(commands, index, found);
        Failover failover = new Failover(config.id(), index, hosted, commands, there, peers, clock::monotonicNanos);
        group.set(join(logs, threads, guarded("failover", failover::turn)));
        starting.ready(new NodeCommands(
                new NodeParts(
                        config,
                        logs,
                        newLogs,
                        newImages,
                        index,
                        catalog,
                        commands,
                        hosted,
                        exports,
                        owned,
                        kept,
                        imports,
                        peers,
                        points,
                        bases,
                        sources,
                        trim,
                        disk,
                        scrubs,
                        scrubber,
                        rewinder,
                        verifications,
                        there,
                        clock,
                        threads.clock(),
                        ids),
                metrics,
                new SerialExecutor(threads.workers())));
        shutdown.add("the API's node", () -> starting.stops());
        shutdown.add("imports", imports::stop);
        hosted.followAll();
        LOG.info("node {} serves: API {}, NBD {}", config.id(), found.api(), found.nbd());
    }

    /** How this node asks other nodes' APIs; empty for what Java does with everybody. */
    private Optional<SSLContext> peerTls() throws IOException {
        Optional<TlsFiles> files = config.api().tls();
        return files.isPresent() ? Optional.of(new ReloadingJdkTls(files.get()).client()) : Optional.empty();
    }

    /** Looks at once when nodes come or go, and every second. */
    private NodeGroup join(KafkaLogs logs, NodeThreads threads, Runnable failover) {
        NodeGroup joined = logs.join(members -> threads.workers().execute(failover));
        shutdown.add("the group of nodes", joined::close);
        everySecond(threads, "failover", () -> threads.workers().execute(failover));
        return joined;
    }

    private void trimHistories(NodeThreads threads, HistoryTrim trim, NodeMetrics metrics) {
        shutdown.add("the histories", trim::stop);
        metrics.gauge(
                "qedstore.retention.held.images",
                "Images whose history is over its limits and is kept, since too few checkpoints cover it",
                trim::heldImages);
        threads.clock()
                .scheduleWithFixedDelay(
                        () -> threads.workers().execute(guarded("histories", trim::tick)),
                        config.retentionEvery().toMillis(),
                        config.retentionEvery().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static void scrub(NodeThreads threads, Runnable turn) {
        threads.clock()
                .scheduleWithFixedDelay(
                        () -> threads.workers().execute(guarded("the scrub", turn)),
                        Scrubber.TURN.toMillis(),
                        Scrubber.TURN.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Tells who serves volumes when one ends; that one is made later. */
    private static final class ServedVolumes implements HostedImage.Listener {
        private volatile @Nullable NodeExports by;

        @Override
        public void volumeEnded(HostedImage of, Volume ended, OwnershipException cause) {
            NodeExports there = by;
            if (there != null) {
                there.ended(of, ended, cause);
            }
        }
    }

    private void loadPlaced(MetadataIndex index, HostedImages hosted) throws IOException {
        Optional<ImageId> after = Optional.empty();
        while (true) {
            List<CatalogImage> page = index.imagesPlacedOn(config.id(), after, PAGE);
            page.forEach(hosted::update);
            if (page.size() < PAGE) {
                return;
            }
            after = Optional.of(page.get(page.size() - 1).id());
        }
    }

    private static void awaitCatalog(Catalog catalog) throws IOException, InterruptedException {
        CompletableFuture<Void> caughtUp = catalog.caughtUp();
        try {
            caughtUp.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }

    private static void everySecond(NodeThreads threads, String what, Runnable task) {
        threads.clock().scheduleWithFixedDelay(guarded(what, task), 1, 1, TimeUnit.SECONDS);
    }

    /** A task that throws would not be run again. */
    private static Runnable guarded(String what, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("what is done every now and then for {} has failed; please report this", what, e);
            }
        };
    }

    private static void closeImages(HostedImages hosted) throws Exception {
        CompletableFuture<Void> closed = hosted.close().toCompletableFuture();
        try {
            closed.get(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn(
                    "images could not be released within {} s; their next owner may have to take them by force",
                    STOP_DEADLINE.toSeconds());
            hosted.giveUp();
            closed.get(FILES_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Null if TLS is off. */
    private @Nullable ReloadingTls tls() throws IOException {
        Optional<TlsFiles> files = config.nbd().tlsFiles();
        return files.isPresent() ? new ReloadingTls(files.get()) : null;
    }

    private static SslContext clientContext(@Nullable ReloadingTls tls) {
        return required(tls).client();
    }

    private static ReloadingTls required(@Nullable ReloadingTls tls) {
        if (tls == null) {
            throw new IllegalStateException("TLS is off");
        }
        return tls;
    }

    private NbdServer nbdServer(NodeExports exports, @Nullable ReloadingTls tls) {
        NbdConfig nbd = config.nbd();
        return new NbdServer(
                exports,
                nbd.tls(),
                () -> required(tls).get(),
                ServerLimits.DEFAULT.withMaxConnections(nbd.maxConnections()));
    }

    private Optional<InetSocketAddress> listen(NbdServer server) throws IOException {
        Optional<Path> socket = config.nbd().socket();
        if (socket.isPresent()) {
            server.listen(socket.get(), config.nbd().socketMode());
        }
        Optional<InetSocketAddress> address = config.nbd().listen();
        return address.isPresent() ? Optional.of(server.listen(address.get())) : Optional.empty();
    }

    /** Says that this node is there, if the catalog says anything else of it. */
    private void announce(CatalogCommands commands, MetadataIndex index, Endpoints found)
            throws IOException, InterruptedException {
        NodeAnnounced announced =
                new NodeAnnounced(config.id(), config.roles(), found.api(), found.nbd(), FormatVersion.NEWEST);
        Optional<CatalogNode> known = index.node(config.id());
        boolean isKnown = known.isPresent()
                && known.get().roles().equals(announced.roles())
                && known.get().api().equals(announced.api())
                && known.get().nbd().equals(announced.nbd())
                && known.get().understands() == announced.understands();
        if (!isKnown) {
            commands.submit(announced);
        }
    }

    /**
     * Ends in order: what was acknowledged is on this node's disk, and its images are released. What takes longer than the deadline
     * is left; nothing that was acknowledged is lost with it.
     *
     * @throws IOException if not all of it went well; the log has said what
     */
    @Override
    public void close() throws IOException {
        if (!shutdown.run()) {
            throw new IOException("node " + config.id() + " did not end in order; its messages before say where");
        }
    }
}
