package io.qedstore.retention;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.InMemoryObjects;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Retention;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.EventLog;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.rebuild.HistoryLog;
import io.qedstore.rebuild.LogWalk;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import io.qedstore.rebuild.RebuildWatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** An image with a history, on two nodes with checkpoints, the catalog that they share, and a store of objects. One thread. */
final class TrimRig {
    static final NodeId OWNER = new NodeId("node-1");
    static final NodeId OTHER = new NodeId("node-2");
    static final NodeId OBJECTS = new NodeId("objects");

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int OPERATIONS = 20;

    final HistoryLog log;
    final InMemoryIndex index = new InMemoryIndex();
    final LocalCheckpoints own;
    final LocalCheckpoints others;
    final ObjectCheckpoints objects = new ObjectCheckpoints(new InMemoryObjects(), OBJECTS);
    private final Path folder;
    private int files;
    private long said;
    /** Nodes that do not run. */
    final Set<NodeId> away = new HashSet<>();

    long nowMicros = 1_800_000_000_000_000L;

    /** Comes into the catalog right before what is said next. */
    Optional<CatalogEvent> inBetween = Optional.empty();

    TrimRig(Random random, Path folder) throws IOException {
        this.folder = folder;
        this.log = new HistoryLog(random, OPERATIONS);
        this.own = new LocalCheckpoints(folder.resolve("own"), OWNER);
        this.others = new LocalCheckpoints(folder.resolve("others"), OTHER);
        decide(TestCatalog.announced(OWNER));
        decide(TestCatalog.announced(OTHER));
        CatalogImage like = log.image;
        decide(new CatalogEvent.ImageCreated(
                like.id(),
                like.lineage(),
                like.name(),
                like.sizeBytes(),
                like.geometry(),
                like.digestAlgorithm(),
                Optional.empty(),
                ImageSettings.DEFAULT,
                new Placement(OWNER, List.of(OTHER))));
    }

    CatalogDecision say(CatalogEvent event) throws IOException {
        Optional<CatalogEvent> before = inBetween;
        inBetween = Optional.empty();
        if (before.isPresent()) {
            decide(before.get());
        }
        return decide(event);
    }

    CatalogDecision decide(CatalogEvent event) throws IOException {
        said++;
        CatalogDecision decision = CatalogRules.decide(new CatalogRecord(nowMicros, OWNER, event), index);
        index.write(decision.changes(), TestCatalog.position(said));
        return decision;
    }

    CatalogImage image() {
        return index.image(log.image.id()).orElseThrow();
    }

    long floor() {
        return image().floor().value();
    }

    void keep(Retention wanted) throws IOException {
        decide(new CatalogEvent.ImageConfigured(image().id(), image().settings().withRetention(wanted)));
    }

    static Retention seconds(long seconds) {
        return new Retention(OptionalLong.of(seconds), OptionalLong.empty());
    }

    static Retention bytes(long bytes) {
        return new Retention(OptionalLong.empty(), OptionalLong.of(bytes));
    }

    void snapshot(String name, long sequence) throws IOException {
        decide(new CatalogEvent.SnapshotCreated(image().id(), new SnapshotName(name), new Sequence(sequence), 0));
    }

    /** A clone of the image at an event. */
    void clone(int number, long sequence) throws IOException {
        CatalogImage base = image();
        decide(TestCatalog.created(
                number,
                "clone-" + number,
                Optional.of(new Backing(base.id(), base.lineage(), new Sequence(sequence)))));
    }

    CheckpointKeeper keeper(CheckpointStore store, KeepSteps steps) {
        return new CheckpointKeeper(store, 1, index, this::say, steps);
    }

    /** A checkpoint as it is made of a copy of the image; the catalog knows it then. */
    void checkpoint(CheckpointStore store, long sequence) throws IOException {
        MemoryImageFile file = MemoryImageFile.of(log.bytesBehind(sequence));
        ContentDigest content = new ContentDigest(
                new Sequence(sequence), file.length(), ContentScan.sum(file, DigestAlgorithm.XXH3_128));
        CheckpointDescription description = new CheckpointDescription(stateBehind(sequence), content, 0, nowMicros);
        keeper(store, KeepSteps.NONE).announce(store.put(description, file, (next, bytes) -> {}));
    }

    private FoldState stateBehind(long sequence) throws IOException {
        LogWalk walk = new LogWalk(log.whole(), log.start(), PATIENCE);
        walk.walk((event, after) -> after.sequence().value() < sequence);
        return walk.state();
    }

    LogTrimmer trimmer(boolean withObjects, TrimSteps steps) {
        return new LogTrimmer(
                own,
                withObjects ? Optional.of(objects) : Optional.empty(),
                index,
                this::say,
                image -> new Trimmed(),
                node -> !away.contains(node),
                () -> nowMicros,
                1,
                steps);
    }

    Optional<String> trim() throws IOException {
        return trimmer(false, TrimSteps.NONE).trim(image(), new Sequence(log.last()));
    }

    RetentionPlan plan() throws IOException {
        return trimmer(false, TrimSteps.NONE).plan(image(), new Sequence(log.last()));
    }

    private final class Trimmed implements TrimmedLog {
        @Override
        public EventLog log() {
            return log;
        }

        @Override
        public long startOffset() {
            return log.startOffset();
        }

        @Override
        public void deleteBefore(long offset) {
            log.deleteBefore(offset);
        }
    }

    /** The image behind an event, from the log as it is and one store alone. */
    byte[] rebuilt(CheckpointStore store, long sequence) throws IOException {
        Path file = folder.resolve("file-" + files++ + ".qed");
        RebuildSource source = new RebuildSource(image(), index, log, List.of(store), PATIENCE);
        new Rebuild(source, file, RebuildWatcher.NONE).upTo(new Sequence(sequence));
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        return bytes;
    }
}
