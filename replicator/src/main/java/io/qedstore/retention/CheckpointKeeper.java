package io.qedstore.retention;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import io.qedstore.retention.KeepSteps.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the checkpoints of one store, and what the catalog says of them. The catalog never says for long that one is there which is
 * not: one is dropped in the catalog first, and then removed. Whatever a kill leaves between is mended by {@link #reconcile}.
 *
 * <p>Others count on what the catalog says: after a checkpoint was dropped there, and before it is removed, it is looked at again
 * whether it is needed, since a floor may have come before. Waits for the catalog and the store; one thread.
 */
public final class CheckpointKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);

    private final CheckpointStore store;
    private final int keep;
    private final MetadataIndex index;
    private final CatalogVoice catalog;
    private final KeepSteps steps;

    /** @param keep how many of the newest checkpoints of an image stay */
    public CheckpointKeeper(
            CheckpointStore store, int keep, MetadataIndex index, CatalogVoice catalog, KeepSteps steps) {
        this.store = store;
        this.keep = keep;
        this.index = index;
        this.catalog = catalog;
        this.steps = steps;
    }

    public CheckpointStore store() {
        return store;
    }

    /** What the catalog says that the store has, in ascending order. */
    public List<Checkpoint> known(ImageId image) throws IOException {
        return index.checkpoints(image).stream()
                .filter(checkpoint -> checkpoint.holder().equals(store.holder()))
                .toList();
    }

    /** Says that there is one, unless the catalog knows it. */
    public void announce(CheckpointDescription made) throws IOException {
        boolean isKnown = known(made.image()).stream()
                .anyMatch(checkpoint -> checkpoint.sequence().equals(made.sequence()));
        if (!isKnown) {
            catalog.say(new CheckpointMade(
                    made.image(),
                    store.holder(),
                    made.sequence(),
                    made.content().sum(),
                    made.storedBytes(),
                    made.state().timeMicros()));
            steps.taken(Step.MADE_SAID);
        }
    }

    /** Brings the catalog to what the store has: says those it does not know, and drops those that are lost. */
    public void reconcile(ImageId image) throws IOException {
        List<Checkpoint> before = known(image); // one that another node puts and announces meanwhile is not lost
        List<Sequence> there = store.list(image);
        for (Checkpoint known : before) {
            if (!there.contains(known.sequence())) {
                LOG.warn(
                        "the checkpoint of image {} at event {} is gone from {}",
                        image,
                        known.sequence(),
                        store.place());
                sayDropped(image, known.sequence());
            }
        }
        for (Sequence sequence : there) {
            Optional<CheckpointDescription> made = describe(image, sequence);
            if (made.isPresent()) {
                announce(made.get());
            }
        }
    }

    private Optional<CheckpointDescription> describe(ImageId image, Sequence sequence) throws IOException {
        try {
            return Optional.of(store.describe(image, sequence));
        } catch (CheckpointException e) {
            LOG.warn("a checkpoint is left out: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private void sayDropped(ImageId image, Sequence sequence) throws IOException {
        catalog.say(new CheckpointDropped(image, store.holder(), sequence));
        steps.taken(Step.DROP_SAID);
    }

    /**
     * Removes what nobody needs of an image.
     *
     * @param isHere whether it is placed where the store is; if not, only what is needed to make its points stays
     */
    public void thin(CatalogImage image, boolean isHere) throws IOException {
        int newest = isHere ? keep : 0;
        Set<Sequence> needed = NeededCheckpoints.of(image, index.checkpoints(image.id()), store.holder(), newest);
        for (Checkpoint known : known(image.id())) {
            if (!needed.contains(known.sequence())) {
                drop(known, newest);
            }
        }
    }

    private void drop(Checkpoint dropped, int newest) throws IOException {
        ImageId image = dropped.image();
        sayDropped(image, dropped.sequence());
        Optional<CatalogImage> now = index.image(image);
        List<Checkpoint> withIt = new ArrayList<>(index.checkpoints(image));
        withIt.add(dropped);
        boolean isNeeded = now.isPresent()
                && now.get().life() != ImageLife.PURGED
                && NeededCheckpoints.of(now.get(), withIt, store.holder(), newest)
                        .contains(dropped.sequence());
        if (isNeeded) { // a floor came before the drop, and whoever raised it counts on this one
            Optional<CheckpointDescription> still = describe(image, dropped.sequence());
            if (still.isPresent()) {
                announce(still.get());
            }
            return;
        }
        store.delete(image, dropped.sequence());
        steps.taken(Step.DELETED);
    }

    /** Removes all that is there of images that are gone for ever. */
    public void forgetPurged() throws IOException {
        Set<ImageId> purged = store.images().stream().filter(this::isPurged).collect(Collectors.toSet());
        for (ImageId image : purged) {
            store.deleteAll(image);
            steps.taken(Step.FORGOTTEN);
        }
    }

    private boolean isPurged(ImageId image) {
        try {
            return index.image(image)
                    .filter(known -> known.life() == ImageLife.PURGED)
                    .isPresent();
        } catch (IOException e) {
            LOG.warn("what became of image {} cannot be looked up now: {}", image, e.getMessage());
            return false;
        }
    }
}
