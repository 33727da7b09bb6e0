package io.qedstore.retention;

import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Retention;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.MetadataIndex;
import io.qedstore.rebuild.LogWalk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up what an image's people do not want to keep of its history: says in the catalog where history begins from then on, and
 * deletes the log up to a checkpoint at or below that. For the image's owner.
 *
 * <p>The catalog decides between a floor and a pin, whichever comes first. What may be deleted follows from the floor and from the
 * checkpoints that the catalog knows once it holds that floor, and from nothing else: so whoever is killed in between has it done at the
 * next turn. One thread.
 */
public final class LogTrimmer {
    private static final Logger LOG = LoggerFactory.getLogger(LogTrimmer.class);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Sequence NO_END = new Sequence(Long.MAX_VALUE);

    private final Cut.Holders holders;
    private final Map<NodeId, CheckpointStore> stores;
    private final MetadataIndex index;
    private final CatalogVoice catalog;
    private final Logs logs;
    private final Predicate<NodeId> isThere;
    private final LongSupplier wallMicros;
    private final long meterStep;
    private final TrimSteps steps;
    private final Map<ImageId, LogMeter> meters = new HashMap<>();

    /** Opens logs. */
    @FunctionalInterface
    public interface Logs {
        TrimmedLog open(ImageId image) throws IOException;
    }

    /**
     * @param own where this node's checkpoints are
     * @param objects where one is enough
     * @param isThere whether a node runs; what lies on one that does not may be lost
     * @param wallMicros should not jump ahead
     * @param meterStep every so many bytes of a log one event is remembered
     */
    public LogTrimmer(
            CheckpointStore own,
            Optional<? extends CheckpointStore> objects,
            MetadataIndex index,
            CatalogVoice catalog,
            Logs logs,
            Predicate<NodeId> isThere,
            LongSupplier wallMicros,
            long meterStep,
            TrimSteps steps) {
        this.stores = new HashMap<>(Map.of(own.holder(), own));
        objects.ifPresent(store -> stores.put(store.holder(), store));
        Set<NodeId> enough = objects.map(CheckpointStore::holder).stream().collect(Collectors.toSet());
        this.holders = new Cut.Holders(own.holder(), enough);
        this.index = index;
        this.catalog = catalog;
        this.logs = logs;
        this.isThere = isThere;
        this.wallMicros = wallMicros;
        this.meterStep = meterStep;
        this.steps = steps;
    }

    /**
     * Takes all steps that can be taken now.
     *
     * @param synced up to here this node's own file has all on the disk; the log has to reach back there
     * @return why what is over the limits cannot go; empty if it can, or nothing is
     */
    public Optional<String> trim(CatalogImage image, Sequence synced) throws IOException {
        if (!image.settings().retention().isLimited() && image.floor().equals(Sequence.NONE)) {
            meters.remove(image.id());
            return Optional.empty();
        }
        TrimmedLog log = logs.open(image.id());
        finish(image, synced, log);
        Decision decision = decide(image, synced, log);
        steps.taken(TrimSteps.Step.DECIDED);
        if (decision.cut().isPresent()) {
            Sequence floor = decision.cut().get().floor().sequence();
            CatalogDecision said = catalog.say(new HistoryFloor(image.id(), floor));
            if (said.verdict().isVoid()) {
                LOG.info("the history of image {} is not shortened now: {}", image.name(), said.reason());
                return decision.held();
            }
            LOG.info("the history of image {} begins at event {} now", image.name(), floor);
            steps.taken(TrimSteps.Step.FLOOR_SAID);
            Optional<CatalogImage> now = index.image(image.id());
            if (now.isPresent()) {
                finish(now.get(), synced, log);
            }
        }
        return decision.held();
    }

    /** Deletes what lies below the floor that there is, as far as checkpoints that are known now cover it. */
    private void finish(CatalogImage image, Sequence synced, TrimmedLog log) throws IOException {
        Optional<Base> base = baseOf(image, synced, log);
        if (base.isPresent() && log.startOffset() < base.get().offset()) {
            log.deleteBefore(base.get().offset());
            LOG.info(
                    "the log of image {} begins behind event {} now, at offset {}",
                    image.name(),
                    base.get().state().sequence(),
                    base.get().offset());
            steps.taken(TrimSteps.Step.CUT);
        }
    }

    /** A place from which the log has to stay. */
    private record Base(FoldState state) {
        long offset() {
            return state.position().nextOffset();
        }
    }

    /** What the floor that there is permits. */
    private Optional<Base> baseOf(CatalogImage image, Sequence synced, TrimmedLog log) throws IOException {
        if (image.floor().equals(Sequence.NONE)) {
            return Optional.empty();
        }
        Optional<Cut> cut =
                usable(image, checkpoint -> checkpoint.sequence().compareTo(image.floor()) <= 0, synced, log);
        return cut.isEmpty()
                ? Optional.empty()
                : state(cut.get().base(), image, log).map(Base::new);
    }

    /** The latest cut whose base is there and as it should be. */
    private Optional<Cut> usable(CatalogImage image, Predicate<Checkpoint> allowed, Sequence notAbove, TrimmedLog log)
            throws IOException {
        List<Checkpoint> known = new ArrayList<>(index.checkpoints(image.id()));
        while (true) {
            Optional<Cut> cut = Cut.latest(image, known, holders, allowed, notAbove);
            if (cut.isEmpty()
                    || (isUsable(cut.get().base(), image, log)
                            && isUsable(cut.get().floor(), image, log))) {
                return cut;
            }
            Checkpoint bad = isUsable(cut.get().base(), image, log)
                    ? cut.get().floor()
                    : cut.get().base();
            known.remove(bad);
        }
    }

    private boolean isUsable(Checkpoint checkpoint, CatalogImage image, TrimmedLog log) throws IOException {
        CheckpointStore store = stores.get(checkpoint.holder());
        if (store == null) {
            return isThere.test(checkpoint.holder()); // of another node's the catalog is all that is known
        }
        boolean isWhole = !(store instanceof ObjectCheckpoints objects)
                || objects.isWhole(checkpoint.image(), checkpoint.sequence());
        return isWhole && state(checkpoint, image, log).isPresent();
    }

    private Optional<FoldState> state(Checkpoint checkpoint, CatalogImage image, TrimmedLog log) throws IOException {
        CheckpointStore store = stores.get(checkpoint.holder());
        if (store == null) {
            return Optional.empty();
        }
        try {
            FoldState state =
                    store.describe(checkpoint.image(), checkpoint.sequence()).state();
            boolean isOfThisLog = state.lineage().equals(image.lineage())
                    && state.topicId().equals(log.log().topicId());
            return isOfThisLog ? Optional.of(state) : Optional.empty();
        } catch (CheckpointException e) {
            LOG.warn("a checkpoint is not counted on: {}", e.getMessage());
            return Optional.empty();
        }
    }

    // ---- what may go

    /**
     * What comes next.
     *
     * @param cut empty if history stays as it is
     */
    private record Decision(Optional<Cut> cut, List<Bound> bounds, Optional<String> held) {}

    private Decision decide(CatalogImage image, Sequence synced, TrimmedLog log) throws IOException {
        List<Bound> bounds = new ArrayList<>(Pins.of(image, index));
        Retention wanted = image.settings().retention();
        if (!wanted.isLimited()) {
            return new Decision(Optional.empty(), bounds, Optional.empty());
        }
        List<Checkpoint> known = index.checkpoints(image.id());
        Optional<LogMeter> meter = meter(image, synced, log);
        wanted.keepSeconds().ifPresent(seconds -> bounds.add(0, timeBound(image, known, seconds)));
        if (wanted.keepBytes().isPresent() && meter.isPresent()) {
            bounds.add(0, bytesBound(image, known, wanted.keepBytes().getAsLong(), meter.get()));
        } else if (wanted.keepBytes().isPresent()) {
            bounds.add(0, new Bound(Bound.Kind.BYTES, "the log, which cannot be measured", image.floor()));
        }
        Sequence highest = Pins.lowest(bounds);
        Predicate<Checkpoint> allowed = checkpoint -> checkpoint.sequence().compareTo(image.floor()) > 0
                && checkpoint.sequence().compareTo(highest) <= 0;
        Optional<Cut> cut = usable(image, allowed, synced, log);
        boolean couldBe = cut.isPresent() || usable(image, allowed, NO_END, log).isPresent();
        return new Decision(cut, bounds, couldBe ? Optional.empty() : held(image, known, allowed, meter));
    }

    private Bound timeBound(CatalogImage image, List<Checkpoint> known, long seconds) {
        long oldest = wallMicros.getAsLong() - seconds * 1_000_000;
        return new Bound(
                Bound.Kind.TIME,
                "the last " + seconds + " s",
                highest(image, known, checkpoint -> checkpoint.madeMicros() <= oldest));
    }

    private static Bound bytesBound(CatalogImage image, List<Checkpoint> known, long bytes, LogMeter meter) {
        return new Bound(
                Bound.Kind.BYTES,
                "the last " + bytes + " bytes of the log",
                highest(image, known, checkpoint -> meter.bytesBehind(checkpoint.sequence()) >= bytes));
    }

    /** The latest checkpoint at which history may begin; it begins nowhere else. */
    private static Sequence highest(CatalogImage image, List<Checkpoint> known, Predicate<Checkpoint> allowed) {
        return known.stream()
                .filter(allowed)
                .map(Checkpoint::sequence)
                .filter(sequence -> sequence.compareTo(image.floor()) > 0)
                .max(Comparator.naturalOrder())
                .orElse(image.floor());
    }

    private Optional<LogMeter> meter(CatalogImage image, Sequence synced, TrimmedLog log) throws IOException {
        if (image.settings().retention().keepBytes().isEmpty()) {
            meters.remove(image.id());
            return Optional.empty();
        }
        LogMeter meter = meters.get(image.id());
        if (meter == null) {
            Optional<FoldState> start = start(image, synced, log);
            if (start.isEmpty()) {
                return Optional.empty();
            }
            meter = new LogMeter(start.get(), meterStep, PATIENCE);
        }
        meters.remove(image.id()); // one that fails begins anew
        meter.goOn(log.log());
        meter.forgetUpTo(image.floor());
        meters.put(image.id(), meter);
        return Optional.of(meter);
    }

    /** Where the log can be read from. */
    private Optional<FoldState> start(CatalogImage image, Sequence synced, TrimmedLog log) throws IOException {
        if (log.startOffset() == 0) {
            return Optional.of(
                    FoldState.start(image.id(), image.lineage(), log.log().topicId()));
        }
        return baseOf(image, synced, log).map(Base::state);
    }

    private Optional<String> held(
            CatalogImage image, List<Checkpoint> known, Predicate<Checkpoint> allowed, Optional<LogMeter> meter) {
        List<Checkpoint> over = known.stream().filter(allowed).toList();
        if (over.isEmpty() && !(known.isEmpty() && isOver(image, meter))) {
            return Optional.empty();
        }
        String there = over.isEmpty()
                ? "there is none"
                : over.stream().map(this::sentence).collect(Collectors.joining(", "));
        return Optional.of("the history of image " + image.name()
                + " is over its limits and is kept all the same, since it could not be made again: expected checkpoints"
                + " to begin at on two of its nodes, or one in a store of objects, and " + there
                + "; look whether all its nodes make checkpoints");
    }

    private String sentence(Checkpoint checkpoint) {
        NodeId holder = checkpoint.holder();
        boolean isAway = !stores.containsKey(holder) && !isThere.test(holder);
        return "event " + checkpoint.sequence() + " on " + holder + (isAway ? ", which does not run" : "");
    }

    private boolean isOver(CatalogImage image, Optional<LogMeter> meter) {
        Retention wanted = image.settings().retention();
        boolean byTime = wanted.keepSeconds().isEmpty()
                || wallMicros.getAsLong() - image.createdMicros()
                        > wanted.keepSeconds().getAsLong() * 1_000_000;
        boolean byBytes = wanted.keepBytes().isEmpty()
                || (meter.isPresent()
                        && meter.get().total() > wanted.keepBytes().getAsLong());
        return byTime && byBytes;
    }

    // ---- what would go

    /** What {@link #trim} would do now; changes nothing. Reads what would be deleted. */
    public RetentionPlan plan(CatalogImage image, Sequence synced) throws IOException {
        TrimmedLog log = logs.open(image.id());
        Decision decision = decide(image, synced, log);
        Optional<Cut> cut = decision.cut();
        Optional<FoldState> end = cut.isPresent()
                ? state(cut.get().base(), image, log)
                : baseOf(image, synced, log).map(Base::state);
        Optional<RetentionPlan.Going> going = Optional.empty();
        if (end.isPresent() && (cut.isPresent() || end.get().position().nextOffset() > log.startOffset())) {
            Sequence floor = cut.isPresent() ? cut.get().floor().sequence() : image.floor();
            going = Optional.of(going(image, floor, end.get(), log));
        }
        return new RetentionPlan(image.floor(), going, decision.bounds(), decision.held());
    }

    private RetentionPlan.Going going(CatalogImage image, Sequence floor, FoldState end, TrimmedLog log)
            throws IOException {
        long from = log.startOffset();
        long to = Math.max(from, end.position().nextOffset());
        FoldState start = beginning(image, from, log);
        LogWalk walk = new LogWalk(log.log(), start, PATIENCE);
        if (from < to) {
            walk.walk((event, after) -> after.sequence().compareTo(end.sequence()) < 0);
        }
        return new RetentionPlan.Going(floor, start.sequence().next(), end.sequence(), from, to, walk.readBytes());
    }

    /** Behind the checkpoint at which the log was cut before. */
    private FoldState beginning(CatalogImage image, long offset, TrimmedLog log) throws IOException {
        if (offset == 0) {
            return FoldState.start(image.id(), image.lineage(), log.log().topicId());
        }
        for (Checkpoint checkpoint : index.checkpoints(image.id())) {
            Optional<FoldState> state = state(checkpoint, image, log);
            if (state.isPresent() && state.get().position().nextOffset() >= offset) {
                return state.get();
            }
        }
        throw new IOException("the log of image " + image.name() + " begins at offset " + offset
                + ", and no checkpoint of this node lies there or behind; wait until it has made one");
    }
}
