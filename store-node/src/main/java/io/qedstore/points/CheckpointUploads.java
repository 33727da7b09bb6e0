package io.qedstore.points;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CopySteps;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.Checkpoint;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.retention.CheckpointKeeper;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the newest checkpoint of an image into a store of objects, for the image's owner. What an owner that was killed has left there,
 * without the catalog knowing of it, is found by the next. Waits for the store and the catalog; one thread.
 */
final class CheckpointUploads {
    private final LocalCheckpoints from;
    private final CheckpointKeeper local;
    private final CheckpointKeeper objects;
    private final CopySteps steps;

    /** The images of which this node knows what is in the store. */
    private final Set<ImageId> known = new HashSet<>();

    /**
     * @param from where checkpoints are made
     * @param local keeps those
     * @param objects keeps those in the store
     * @param steps hears of each piece that was put, and may end all
     */
    CheckpointUploads(LocalCheckpoints from, CheckpointKeeper local, CheckpointKeeper objects, CopySteps steps) {
        this.from = from;
        this.local = local;
        this.objects = objects;
        this.steps = steps;
    }

    /** Does what is due for an image that this node owns. */
    void upload(CatalogImage image) throws IOException {
        if (!known.contains(image.id())) {
            objects.reconcile(image.id());
            objects.thin(image, true);
            known.add(image.id());
        }
        Optional<Sequence> newest = newest(local, image.id());
        Optional<Sequence> there = newest(objects, image.id());
        boolean isDue = newest.isPresent() && (there.isEmpty() || there.get().compareTo(newest.get()) < 0);
        if (isDue) {
            upload(image, newest.get());
        }
    }

    private void upload(CatalogImage image, Sequence sequence) throws IOException {
        CheckpointDescription description = from.describe(image.id(), sequence);
        known.remove(image.id()); // if it fails, another node may have put something
        try (ChannelImageFile file = from.open(image.id(), sequence)) {
            objects.announce(objects.store().put(description, file, steps));
        }
        known.add(image.id());
        objects.thin(image, true);
    }

    /** The owners of all other images look after what the store has of those. */
    void keepOnly(Set<ImageId> owned) {
        known.retainAll(owned);
    }

    /** Removes what is in the store of images that are gone for ever. */
    void forgetPurged() throws IOException {
        objects.forgetPurged();
    }

    private static Optional<Sequence> newest(CheckpointKeeper of, ImageId image) throws IOException {
        List<Checkpoint> checkpoints = of.known(image);
        return checkpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(checkpoints.get(checkpoints.size() - 1).sequence());
    }
}
