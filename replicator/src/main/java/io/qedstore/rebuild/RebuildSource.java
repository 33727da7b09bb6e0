package io.qedstore.rebuild;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.content.Mender;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an image is made from: its log, and checkpoints. For one thread. */
public final class RebuildSource {
    private static final Logger LOG = LoggerFactory.getLogger(RebuildSource.class);

    private final CatalogImage image;
    private final MetadataIndex index;
    private final EventLog log;
    private final FoldState start;
    private final List<CheckpointStore> stores;
    private final Duration patience;

    /** Those that turned out to be of no use. */
    private final Set<Place> unusable = new HashSet<>();

    /**
     * @param index for what the catalog says of points
     * @param log the image's; nobody else may use this object
     * @param patience how long the log may give no answer
     */
    public RebuildSource(
            CatalogImage image, MetadataIndex index, EventLog log, List<CheckpointStore> stores, Duration patience) {
        this.image = image;
        this.index = index;
        this.log = log;
        this.start = FoldState.start(image.id(), image.lineage(), log.topicId());
        this.stores = List.copyOf(stores);
        this.patience = patience;
    }

    /** A checkpoint, and where it lies. */
    record Found(CheckpointStore store, CheckpointDescription description) {
        Place place() {
            return new Place(store, description.sequence());
        }
    }

    private record Place(CheckpointStore store, Sequence sequence) {}

    public CatalogImage image() {
        return image;
    }

    public MetadataIndex index() {
        return index;
    }

    public EventLog log() {
        return log;
    }

    /** Where the log began once, whether it reaches back there or not. */
    public FoldState start() {
        return start;
    }

    public Duration patience() {
        return patience;
    }

    /** Finds blocks in the log alone. */
    public Mender blocks() {
        return new BlockRestore(log, start, image.digestAlgorithm(), patience);
    }

    /** The newest checkpoint of this very history that is as it should be; empty if there is none, and the log's beginning is left. */
    Optional<Found> newest(Predicate<CheckpointDescription> wanted) throws IOException {
        List<Place> places = new ArrayList<>();
        for (CheckpointStore store : stores) {
            list(store).forEach(sequence -> places.add(new Place(store, sequence)));
        }
        places.sort(Comparator.comparing(Place::sequence).reversed());
        for (Place place : places) {
            Optional<Found> found = unusable.contains(place) ? Optional.empty() : describe(place);
            if (found.isPresent() && wanted.test(found.get().description())) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The latest place of which a checkpoint tells, of those that are wanted; a walk can go on from there. */
    public Optional<FoldState> newestPlace(Predicate<FoldState> wanted) throws IOException {
        return newest(checkpoint -> wanted.test(checkpoint.state()))
                .map(found -> found.description().state());
    }

    /** None where the store does not answer: another may have one, or the log all. */
    private List<Sequence> list(CheckpointStore store) {
        try {
            return store.list(image.id());
        } catch (IOException e) {
            LOG.warn("checkpoints in {} are left out: {}", store.place(), e.getMessage());
            return List.of();
        }
    }

    private Optional<Found> describe(Place place) throws IOException {
        try {
            CheckpointDescription found = place.store().describe(image.id(), place.sequence());
            boolean isOurs = found.state().lineage().equals(start.lineage())
                    && found.state().topicId().equals(start.topicId());
            if (!isOurs) {
                LOG.warn(
                        "{} in {} is of another history, and is left out",
                        found,
                        place.store().place());
            }
            return isOurs ? Optional.of(new Found(place.store(), found)) : Optional.empty();
        } catch (CheckpointException e) {
            LOG.warn("a checkpoint is left out: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** It is not what it said it was. */
    void leaveOut(Found found, CheckpointException why) {
        LOG.warn("{} in {} is left out: {}", found.description(), found.store().place(), why.getMessage());
        unusable.add(found.place());
    }

    /** Reads the log from a checkpoint on, or from its beginning. */
    LogWalk walk(Optional<Found> from) {
        return new LogWalk(log, from.map(found -> found.description().state()).orElse(start), patience);
    }

    /** Says which checkpoint is missing. */
    public NotCoveredException notCovered(LogException.Gap cause) throws IOException {
        List<String> known = index.checkpoints(image.id()).stream()
                .map(checkpoint -> "event " + checkpoint.sequence() + " at " + checkpoint.holder())
                .toList();
        List<String> places = stores.stream().map(CheckpointStore::place).toList();
        String wanted = image.floor().equals(Sequence.NONE) ? "" : " at event " + image.floor() + " or before";
        return new NotCoveredException(
                "the log of image " + image.name() + " does not reach back to its beginning, and "
                        + (places.isEmpty() ? "no checkpoints are at hand" : "no checkpoint in " + places + " helps")
                        + "; expected one" + wanted + " from which the log goes on: the catalog knows of "
                        + (known.isEmpty() ? "none" : String.join(", ", known)) + " (" + cause.getMessage() + ")",
                cause);
    }
}
