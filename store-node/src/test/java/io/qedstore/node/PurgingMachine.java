package io.qedstore.node;

import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.TestCheckpoints;
import io.qedstore.content.BlockSums;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import io.qedstore.hosting.HostedImages;
import io.qedstore.hosting.HostingRig;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.ImageLife;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.retention.CheckpointKeeper;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * What outlives a node that removes images: its disk, the catalog and the logs. {@link #boot} starts the node on it, which may be killed
 * at any of its steps. One thread.
 */
final class PurgingMachine {
    /** Is written, deleted, and purged in the end. */
    static final ImageId GOING = HostingRig.IMAGE;

    /** Is live. */
    static final ImageId STAYING = ImageId.of(5, 6);

    static final NodeId SELF = HostingRig.ONE;
    private static final Duration KEEP = Duration.ofSeconds(2);
    private static final Sequence CHECKPOINT = new Sequence(1);

    final InMemoryIndex index = new InMemoryIndex();
    final Set<ImageId> logs = new TreeSet<>(java.util.Comparator.comparing(ImageId::toString));
    private final InMemoryProgress progress = new InMemoryProgress();
    private final Path folder;
    private final List<CatalogRecord> catalog = new ArrayList<>();
    private final Map<Integer, CompletableFuture<CatalogDecision>> asked = new HashMap<>();
    private List<byte[]> events = List.of();
    private int folded;
    private int boots;

    /** So many steps are left until the node is killed. */
    private int stepsLeft = Integer.MAX_VALUE;

    private boolean isKilled;

    /** What a node that was killed had sent, and what comes into the catalog only when the test says so. */
    private final List<CatalogEvent> sent = new ArrayList<>();

    boolean holdsSent;

    /** Removing logs fails. */
    boolean logsStand;

    /** The node is gone, at the end of this step. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    PurgingMachine(Path folder) throws IOException {
        this.folder = folder;
        decide(TestCatalog.announced(SELF));
        decide(created(GOING, "going"));
        decide(created(STAYING, "staying"));
        logs.addAll(List.of(GOING, STAYING));
        boot().write();
        events = running().rig.records();
        Files.writeString(images().resolve(GOING + ".set-aside-7"), "what it was before");
        Files.writeString(images().resolve(GOING + ".restored"), "of a checkpoint");
        Files.writeString(images().resolve(STAYING + ".qed"), "what stays");
        Files.writeString(images().resolve(STAYING + ".set-aside-7"), "and for people to look at");
        Files.writeString(images().resolve("a file of somebody's"), "that stays");
        decide(new CatalogEvent.ImageDeleted(GOING));
        boot();
    }

    private static CatalogEvent created(ImageId id, String name) {
        return new CatalogEvent.ImageCreated(
                id,
                LineageId.of(3, 4),
                new ImageName(name),
                1 << 20,
                TestCatalog.GEOMETRY,
                DigestAlgorithm.XXH3_128,
                Optional.empty(),
                ImageSettings.DEFAULT,
                new Placement(SELF, List.of()));
    }

    // ---- the catalog

    /** As another node's record, or one of before. */
    void decide(CatalogEvent event) throws IOException {
        add(event);
        while (folded < catalog.size()) {
            foldNext();
        }
    }

    private void add(CatalogEvent event) {
        catalog.add(new CatalogRecord(1_000_000L * (catalog.size() + 1), SELF, event));
    }

    private CatalogDecision foldNext() throws IOException {
        CatalogDecision decision = CatalogRules.decide(catalog.get(folded), index);
        folded++;
        index.write(decision.changes(), TestCatalog.position(folded));
        return decision;
    }

    void landSent() {
        sent.forEach(this::add);
        sent.clear();
    }

    boolean isPurged() {
        return index.image(GOING).orElseThrow().life() == ImageLife.PURGED;
    }

    // ---- the node

    /** Something was done, or is about to be. */
    private void step() {
        if (isKilled || stepsLeft-- == 0) {
            isKilled = true; // and nothing that is still on its way comes any further
            throw new Killed();
        }
    }

    private Running running;

    Running running() {
        return running;
    }

    /** What was there goes on in a new process. */
    Running boot() throws IOException {
        isKilled = false;
        stepsLeft = Integer.MAX_VALUE;
        asked.clear();
        Path before = disk();
        boots++;
        if (Files.exists(before)) {
            copy(before, disk());
        }
        running = new Running();
        return running;
    }

    /** Seals are lost, as they may be: they would tell that the files are copies. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (each.toString().endsWith(".seal")) {
                    Files.createFile(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private Path disk() {
        return folder.resolve("boot-" + boots);
    }

    private Path images() {
        return disk().resolve(SELF.value());
    }

    private LocalCheckpoints checkpoints() throws IOException {
        return new LocalCheckpoints(disk().resolve("checkpoints"), SELF);
    }

    /** @return whether it was killed */
    boolean runKilledAfter(int steps) throws IOException {
        stepsLeft = steps;
        try {
            running.run();
        } catch (Killed e) {
            return true;
        }
        return isKilled;
    }

    /** A node on this machine. */
    final class Running {
        private final HostingRig rig;
        private final HostingRig.Node node;
        private final HostedImages hosted;
        private final Trash trash;
        private final CheckpointKeeper keeper;

        Running() throws IOException {
            rig = new HostingRig(disk());
            rig.goOnWith(events);
            node = rig.new Node(SELF);
            node.progress = new Forgetting();
            hosted = new HostedImages(node.host(), node);
            index.imagesPlacedOn(SELF, Optional.empty(), 10).forEach(hosted::update);
            fold();
            hosted.removeOthers(index);
            Path ages = disk().resolve("trash");
            trash = new Trash(SELF, KEEP, TrashAges.load(ages), index, this::submit, hosted, new Logs());
            keeper = new CheckpointKeeper(checkpoints(), 2, index, this::say, step -> step());
            rig.beforeEach = PurgingMachine.this::step;
            keepCheckpoints();
        }

        private void keepCheckpoints() throws IOException {
            checkpoints().clean();
            for (CatalogImage image : index.imagesById(Optional.empty(), 10)) {
                if (image.life() != ImageLife.PURGED) {
                    keeper.reconcile(image.id());
                }
            }
        }

        private void write() throws IOException {
            Volume volume = rig.now(hosted.get(GOING).orElseThrow().own());
            rig.write(volume, 0, 65536, 1);
            rig.settle();
            MemoryImageFile content = new MemoryImageFile();
            content.write(0, ByteBuffer.wrap(new byte[] {1}));
            for (ImageId each : List.of(GOING, STAYING)) {
                LocalCheckpoints store = checkpoints();
                keeper.announce(store.put(
                        TestCheckpoints.describe(each, content, CHECKPOINT.value()), content, (next, bytes) -> {}));
            }
            progress.raiseCeiling(checkpoints().describe(STAYING, CHECKPOINT).state(), new ProgressStore.Stored() {
                @Override
                public void stored() {}

                @Override
                public void failed(IOException cause) {
                    throw new AssertionError(cause);
                }
            });
        }

        /** Some seconds, in which all is done that is to be done. */
        private void run() throws IOException {
            hosted.get(GOING).ifPresent(image -> rig.now(image.open()));
            for (int second = 0; second < 8; second++) {
                second();
            }
        }

        private void second() throws IOException {
            trash.tick();
            step();
            fold();
            rig.settle();
            keeper.forgetPurged();
        }

        /** As many steps of the trash as there are before it looks again whether something was left. */
        void passAnHour() throws IOException {
            for (long left = Trash.LOOK_EVERY.toSeconds(); left >= 0; left--) {
                trash.tick();
            }
            second();
        }

        private void fold() throws IOException {
            while (folded < catalog.size()) {
                step();
                CompletableFuture<CatalogDecision> own = asked.remove(folded);
                CatalogDecision decision = foldNext();
                step();
                new CatalogEvents(hosted, image -> {}).changed(decision.changes());
                step();
                if (own != null) {
                    own.complete(decision);
                }
            }
        }

        private CompletableFuture<CatalogDecision> submit(CatalogEvent event) {
            step();
            CompletableFuture<CatalogDecision> decision = new CompletableFuture<>();
            if (holdsSent) {
                sent.add(event);
            } else {
                asked.put(catalog.size(), decision);
                add(event);
            }
            step();
            return decision;
        }

        private CatalogDecision say(CatalogEvent event) throws IOException {
            CompletableFuture<CatalogDecision> decision = submit(event);
            fold();
            return decision.join();
        }
    }

    private final class Logs implements RemovableLogs {
        @Override
        public Set<ImageId> images() {
            step();
            return Set.copyOf(logs);
        }

        @Override
        public void remove(ImageId image) throws IOException {
            step();
            if (logsStand) {
                throw new LogException.Unavailable("the test says so");
            }
            logs.remove(image);
            step();
        }
    }

    /** Forgetting is two steps. */
    private final class Forgetting implements ProgressStore {
        @Override
        public Optional<FoldState> synced(ImageId image) {
            return progress.synced(image);
        }

        @Override
        public Optional<FoldState> ceiling(ImageId image) {
            return progress.ceiling(image);
        }

        @Override
        public BlockSums sums(ImageId image) {
            return progress.sums(image);
        }

        @Override
        public void storeSynced(FoldState state, BlockSums.Change content, Stored callback) {
            progress.storeSynced(state, content, callback);
        }

        @Override
        public Optional<Seed> seed(ImageId image) {
            return progress.seed(image);
        }

        @Override
        public void storeSeed(Seed seed, BlockSums.Change content, Stored callback) {
            progress.storeSeed(seed, content, callback);
        }

        @Override
        public void raiseCeiling(FoldState state, Stored callback) {
            progress.raiseCeiling(state, callback);
        }

        @Override
        public void forget(ImageId image) {
            step();
            progress.forget(image);
            step();
        }
    }

    // ---- what is there

    void forgetProgress() {
        progress.forget(GOING);
    }

    /** All files that belong to an image, below the node's folder. */
    List<Path> files(ImageId image) throws IOException {
        try (Stream<Path> all = Files.walk(disk())) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(image.toString()))
                    .sorted()
                    .toList();
        }
    }

    /** What is there of an image, wherever; empty if nothing is. */
    Map<String, String> all(ImageId image) throws IOException {
        Map<String, String> found = new TreeMap<>();
        for (Path file : files(image)) {
            found.put(disk().relativize(file).toString(), java.util.Arrays.hashCode(Files.readAllBytes(file)) + "");
        }
        progress.ceiling(image)
                .ifPresent(ceiling -> found.put("ceiling", ceiling.sequence().toString()));
        progress.synced(image)
                .ifPresent(synced -> found.put("synced", synced.sequence().toString()));
        index.checkpoints(image).forEach(made -> found.put("checkpoint", made.toString()));
        if (logs.contains(image)) {
            found.put("log", "");
        }
        if (index.imagesPlacedOn(SELF, Optional.empty(), 10).stream()
                .anyMatch(placed -> placed.id().equals(image))) {
            found.put("placed", "");
        }
        Path ages = disk().resolve("trash");
        if (Files.exists(ages) && Files.readString(ages).contains(image.toString())) {
            found.put("age", "");
        }
        return found;
    }

    boolean keepsOthersFiles() {
        return Files.exists(images().resolve("a file of somebody's"));
    }
}
