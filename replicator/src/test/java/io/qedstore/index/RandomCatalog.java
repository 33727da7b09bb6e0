package io.qedstore.index;

import io.qedstore.digest.Digest;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** Events of a catalog in which few images have few names, so that they get into each other's way. */
public final class RandomCatalog {
    public static final int IMAGES = 8;
    private static final int NAMES = 6;

    private final Random random;
    private final int maxSequence;

    public RandomCatalog(Random random, int maxSequence) {
        this.random = random;
        this.maxSequence = maxSequence;
    }

    public CatalogEvent next() {
        ImageId image = TestCatalog.image(number());
        return switch (random.nextInt(17)) {
            case 0, 1 -> TestCatalog.created(number(), name().value());
            case 2 -> {
                int base = number();
                yield TestCatalog.created(
                        number(),
                        name().value(),
                        Optional.of(new Backing(TestCatalog.image(base), TestCatalog.lineage(base), sequence())));
            }
            case 3 -> new CatalogEvent.ImageRenamed(image, name());
            case 4 -> new CatalogEvent.ImageResized(image, (1L + random.nextInt(8)) << 20);
            case 5 -> new CatalogEvent.ImageDeleted(image);
            case 6, 7 -> new CatalogEvent.ImageUndeleted(image, name());
            case 8 -> random.nextInt(3) == 0 ? new CatalogEvent.ImagePurged(image) : next();
            case 9 -> new CatalogEvent.SnapshotCreated(image, snapshotName(), sequence(), random.nextInt(1000));
            case 10 -> new CatalogEvent.SnapshotDeleted(image, snapshotName());
            case 11 ->
                new CatalogEvent.CheckpointMade(
                        image, node(), new Sequence(random.nextInt(4)), new Digest(1, 2), random.nextInt(1000));
            case 12 -> new CatalogEvent.CheckpointDropped(image, node(), new Sequence(random.nextInt(4)));
            case 13 -> new CatalogEvent.HistoryFloor(image, sequence());
            case 14 -> new CatalogEvent.ImageConfigured(image, settings());
            case 15 -> TestCatalog.announced(node(), roles());
            default -> new CatalogEvent.NodeRemoved(node());
        };
    }

    private int number() {
        return 1 + random.nextInt(IMAGES);
    }

    private Sequence sequence() {
        return new Sequence(1 + random.nextInt(maxSequence));
    }

    private ImageName name() {
        return new ImageName("name-" + random.nextInt(NAMES));
    }

    private SnapshotName snapshotName() {
        return new SnapshotName("snapshot-" + random.nextInt(3));
    }

    private ImageSettings settings() {
        return new ImageSettings(
                random.nextBoolean() ? CacheMode.WRITETHROUGH : CacheMode.WRITEBACK,
                random.nextBoolean() ? AttachMode.EXCLUSIVE : AttachMode.SHARED,
                random.nextBoolean() ? FailoverMode.MANUAL : FailoverMode.AUTO,
                new Limits(OptionalLong.of(1 + random.nextInt(1000)), OptionalLong.empty()));
    }

    private NodeId node() {
        return new NodeId("node-" + random.nextInt(3));
    }

    private Set<NodeRole> roles() {
        return random.nextInt(4) == 0
                ? EnumSet.of(random.nextBoolean() ? NodeRole.OWNER : NodeRole.REPLICA)
                : EnumSet.allOf(NodeRole.class);
    }
}
