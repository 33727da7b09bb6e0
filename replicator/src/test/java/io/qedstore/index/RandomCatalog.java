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
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Events of a catalog in which few images have few names and few nodes, so that they get into each other's way. The nodes are
 * announced first.
 */
public final class RandomCatalog {
    public static final int IMAGES = 8;
    public static final int NODES = 3;
    private static final int NAMES = 6;

    private final Random random;
    private final int maxSequence;
    private int announced;

    public RandomCatalog(Random random, int maxSequence) {
        this.random = random;
        this.maxSequence = maxSequence;
    }

    public CatalogEvent next() {
        if (announced < NODES) {
            return TestCatalog.announced(node(announced++));
        }
        ImageId image = TestCatalog.image(number());
        return switch (random.nextInt(25)) {
            case 0, 1, 2, 3 -> TestCatalog.created(number(), name().value(), placement());
            case 4 -> {
                int base = number();
                yield TestCatalog.created(
                        number(),
                        name().value(),
                        Optional.of(new Backing(TestCatalog.image(base), TestCatalog.lineage(base), sequence())),
                        placement());
            }
            case 5 -> new CatalogEvent.ImageRenamed(image, name());
            case 6 -> new CatalogEvent.ImageResized(image, (1L + random.nextInt(8)) << 20);
            case 7 -> new CatalogEvent.ImageDeleted(image);
            case 8, 9 -> new CatalogEvent.ImageUndeleted(image, name());
            case 10 -> random.nextInt(3) == 0 ? new CatalogEvent.ImagePurged(image, 0) : next();
            case 11 -> new CatalogEvent.SnapshotCreated(image, snapshotName(), sequence(), random.nextInt(1000));
            case 12 -> new CatalogEvent.SnapshotDeleted(image, snapshotName());
            case 13 ->
                new CatalogEvent.CheckpointMade(
                        image, node(), new Sequence(random.nextInt(4)), new Digest(1, 2), random.nextInt(1000), 0);
            case 14 -> new CatalogEvent.CheckpointDropped(image, node(), new Sequence(random.nextInt(4)));
            case 15 -> new CatalogEvent.HistoryFloor(image, sequence());
            case 16 -> new CatalogEvent.ImageConfigured(image, settings());
            case 17, 18 -> new CatalogEvent.ImagePlaced(image, placement());
            case 19 -> TestCatalog.announced(node(), roles());
            case 20 ->
                new CatalogEvent.SnapshotsCreated(
                        snapshotName(),
                        Stream.of(TestCatalog.image(1), image)
                                .distinct()
                                .map(each -> new CatalogEvent.ImagePoint(each, sequence(), random.nextInt(1000)))
                                .toList());
            case 21, 22 -> new CatalogEvent.RewindBegun(image, sequence(), sequence());
            case 23 -> new CatalogEvent.RewindEnded(image, sequence(), sequence());
            default -> random.nextInt(3) == 0 ? new CatalogEvent.NodeRemoved(node()) : next();
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

    public static NodeId node(int number) {
        return new NodeId("node-" + number);
    }

    private Placement placement() {
        NodeId owner = node();
        return new Placement(
                owner,
                Stream.of(node(), node())
                        .filter(replica -> !replica.equals(owner))
                        .toList());
    }

    private NodeId node() {
        return node(random.nextInt(NODES));
    }

    private Set<NodeRole> roles() {
        return random.nextInt(8) == 0
                ? EnumSet.of(random.nextBoolean() ? NodeRole.OWNER : NodeRole.REPLICA)
                : EnumSet.allOf(NodeRole.class);
    }
}
