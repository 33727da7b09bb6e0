package io.qedstore.node;

import io.qedstore.catalog.Catalog;
import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.hosting.BaseMissingException;
import io.qedstore.hosting.Bases;
import io.qedstore.hosting.ByteRate;
import io.qedstore.hosting.Host;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.ImageFiles;
import io.qedstore.hosting.LogSource;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.SeedQueue;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.TopicId;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.points.PointFile;
import io.qedstore.points.PointFiles;
import io.qedstore.qed.GuestImage;
import io.qedstore.rebuild.Point;
import io.qedstore.volume.PendingBudget;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What outlives a node that rewinds an image: the image's log, the catalog's, and the disk. {@link Running} is the node, with threads of
 * its own.
 */
final class RewindingMachine {
    static final ImageId IMAGE = TestCatalog.image(2);
    private static final NodeId SELF = TestCatalog.NODE;
    private static final int SIZE = 1 << 20;
    private static final int CLUSTER = 65536;
    private static final long PATIENCE_SECONDS = 60;

    private final List<byte[]> events = Collections.synchronizedList(new ArrayList<>());
    private final List<byte[]> records = Collections.synchronizedList(new ArrayList<>());
    private final InMemoryProgress progress = new InMemoryProgress();
    private final Path folder;
    private int boots;
    private int ids;

    /** What the rewind is to come to. */
    private final Sequence point;

    private final byte[] wanted;
    private final byte[] before;

    /** An image whose content of before is wanted again: data, other data, and zeros. */
    RewindingMachine(Path folder) throws Exception {
        this.folder = folder;
        try (Running first = boot(Integer.MAX_VALUE)) {
            first.say(TestCatalog.announced(SELF));
            first.say(TestCatalog.created(2, "vm1", new Placement(SELF, List.of())));
            for (int cluster : new int[] {0, 2, 3, 7}) {
                first.write(cluster, 1);
            }
            point = first.synced();
            wanted = first.content(new Point.AtSequence(point));
            for (int cluster : new int[] {0, 3, 5, 9}) {
                first.write(cluster, 2);
            }
            before = first.content(new Point.Latest());
        }
    }

    byte[] wanted() {
        return wanted.clone();
    }

    byte[] before() {
        return before.clone();
    }

    /** @param steps behind so many steps of its logs it is killed */
    Running boot(int steps) throws Exception {
        Path last = disk();
        boots++;
        if (Files.exists(last)) {
            copy(last, disk());
        }
        return new Running(steps);
    }

    /** Seals are lost, as they may be: they would tell that the files are copies. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                if (!each.toString().endsWith(".seal")) {
                    Files.copy(each, to.resolve(from.relativize(each).toString()));
                }
            }
        }
    }

    private Path disk() {
        return folder.resolve("boot-" + boots);
    }

    /** A node. Closing it is no end in order: what it had not done is not done. */
    final class Running implements AutoCloseable {
        private final ExecutorService workers = Executors.newFixedThreadPool(2);
        private final ExecutorService appliers = Executors.newSingleThreadExecutor();
        private final ExecutorService rewinding = Executors.newSingleThreadExecutor();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final CutLogs logs;
        private final InMemoryIndex index = new InMemoryIndex();
        private final HostedImages hosted;
        private final Catalog catalog;
        private final CatalogCommands commands;
        private final PointFiles points;
        private final Rewinder rewinder;
        private Future<?> rewound = CompletableFuture.completedFuture("nothing");

        Running(int steps) throws Exception {
            logs = new CutLogs(steps, rewinding::shutdownNow);
            LogSource images = image -> logs.log(new TopicId(new UUID(3, 3)), events);
            OwnerClock clock = new Clock();
            RebuildSources sources = new RebuildSources(index, images, List.of());
            hosted = new HostedImages(host(images, sources, clock), (of, volume, cause) -> {});
            catalog = new Catalog(
                    logs.log(TestCatalog.TOPIC, records),
                    index,
                    SELF,
                    clock::wallMicros,
                    new CatalogEvents(hosted, image -> {}));
            catalog.start();
            commands = new CatalogCommands(catalog);
            points = new PointFiles(disk().resolve("points"), sources, Duration.ZERO, System::nanoTime, () -> {}, true);
            rewinder = new Rewinder(
                    SELF, hosted, new OwnedExports(SELF, timer), points, commands, clock, this::rewindSoon);
            catalog.caughtUp().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        private Host host(LogSource images, RebuildSources sources, OwnerClock clock) throws IOException {
            return new Host(
                    SELF,
                    true,
                    images,
                    progress,
                    new ImageFiles(disk().resolve("images")),
                    clock,
                    () -> new UUID(9, ++ids),
                    new OwnerSettings(SELF, Duration.ofSeconds(30), Duration.ofMillis(100)),
                    1 << 20,
                    new PendingBudget(1 << 20),
                    Duration.ZERO,
                    () -> false,
                    (node, image, from, max) -> {
                        throw new IOException("there are no other nodes");
                    },
                    new SeedQueue(workers, new ByteRate(0, System::nanoTime)),
                    new NoBases(),
                    sources,
                    true,
                    workers,
                    appliers);
        }

        private void rewindSoon(Runnable task) {
            rewound = rewinding.submit(task);
        }

        CatalogImage image() {
            return index.image(IMAGE).orElseThrow();
        }

        private void say(CatalogEvent event) throws IOException, InterruptedException {
            commands.submit(event);
        }

        private Volume volume() throws Exception {
            HostedImage here = hosted.get(IMAGE).orElseThrow();
            return here.own().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        /** Takes the image, or is killed. */
        void own() throws Exception {
            HostedImage here = hosted.get(IMAGE).orElseThrow();
            CompletableFuture<Volume> owned = here.own().toCompletableFuture();
            await(owned);
        }

        /** Until it is there, or the node is killed. */
        private void await(CompletableFuture<?> answer) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!answer.isDone() && !logs.isCut()) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("there is no answer");
                }
                Thread.onSpinWait();
            }
        }

        void write(int cluster, int value) throws Exception {
            ByteBuffer data = ByteBuffer.allocateDirect(CLUSTER);
            while (data.hasRemaining()) {
                data.put((byte) value);
            }
            CompletableFuture<Void> written = new CompletableFuture<>();
            volume().write(
                            (long) cluster * CLUSTER,
                            Payload.of(data.flip()),
                            Durability.ON_COMPLETION,
                            Patience.WAIT,
                            new Completion() {
                                @Override
                                public void succeeded() {
                                    written.complete(null);
                                }

                                @Override
                                public void failed(IOException cause) {
                                    written.completeExceptionally(cause);
                                }
                            });
            written.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        private Sequence synced() throws Exception {
            return hosted.get(IMAGE)
                    .orElseThrow()
                    .status()
                    .folded()
                    .orElseThrow()
                    .sequence();
        }

        /** What guests see of the image at a point, as its log says. */
        byte[] content(Point of) throws IOException {
            ByteBuffer content = ByteBuffer.allocate(SIZE);
            try (PointFile file = points.open(image(), of, Instant.now());
                    GuestImage there = file.open()) {
                there.read(0, content);
            }
            return content.array();
        }

        /** Begins the rewind and does it; ends early if it is killed. */
        void beginAndDo() throws Exception {
            try {
                CompletableFuture<?> begun = catalog.submit(new CatalogEvent.RewindBegun(IMAGE, point, synced()));
                await(begun);
                goOn();
            } catch (ExecutionException e) {
                if (!logs.isCut()) {
                    throw e;
                }
            }
        }

        /** What the node does with a rewind that the catalog knows of. */
        void goOn() throws Exception {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (image().rewind().isPresent() && !logs.isCut()) {
                rewinder.tick();
                rewound.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("the rewind did not come to its end: " + rewinder.info(image()));
                }
            }
        }

        boolean wasKilled() {
            return logs.isCut();
        }

        /** The files of points that are still there when nobody uses them any more. */
        List<Path> pointFiles() throws IOException {
            points.tick();
            try (Stream<Path> files = Files.list(disk().resolve("points"))) {
                return files.toList();
            }
        }

        @Override
        public void close() throws IOException {
            logs.close();
            List.of(rewinding, workers, appliers, timer).forEach(CutLogs::end);
            catalog.close();
        }
    }

    private static final class Clock implements OwnerClock {
        @Override
        public long wallMicros() {
            return System.currentTimeMillis() * 1000;
        }

        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }
    }

    private static final class NoBases implements Bases {
        @Override
        public GuestImage open(Backing backing) throws IOException {
            throw new BaseMissingException("there are none");
        }

        @Override
        public Optional<String> missing(Backing backing) {
            return Optional.of("there are none");
        }
    }
}
