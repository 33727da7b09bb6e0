package io.qedstore.event;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.qed.format.ImageGeometry;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a record of the catalog wants or tells. Whether it counts is for {@link io.qedstore.index.CatalogRules} to say. */
public sealed interface CatalogEvent {

    /** @param backing of a clone */
    record ImageCreated(
            ImageId image,
            LineageId lineage,
            ImageName name,
            long sizeBytes,
            ImageGeometry geometry,
            DigestAlgorithm digestAlgorithm,
            Optional<Backing> backing,
            ImageSettings settings,
            Placement placement)
            implements CatalogEvent {
        public ImageCreated {
            if (sizeBytes < 0 || !geometry.permitsImageSize(sizeBytes)) {
                throw new IllegalArgumentException("an image of " + sizeBytes
                        + " bytes, expected whole sectors, at most " + Long.toUnsignedString(geometry.maxImageSize()));
            }
        }
    }

    /**
     * In place of the settings that the image had.
     *
     * @param expected void unless those are these; empty for whatever they are
     */
    record ImageConfigured(ImageId image, ImageSettings settings, Optional<ImageSettings> expected)
            implements CatalogEvent {
        public ImageConfigured(ImageId image, ImageSettings settings) {
            this(image, settings, Optional.empty());
        }
    }

    /**
     * In place of the placement that the image had.
     *
     * @param expected void unless that is this one; empty for whatever it is
     */
    record ImagePlaced(ImageId image, Placement placement, Optional<Placement> expected) implements CatalogEvent {
        public ImagePlaced(ImageId image, Placement placement) {
            this(image, placement, Optional.empty());
        }
    }

    record ImageRenamed(ImageId image, ImageName name) implements CatalogEvent {}

    record ImageResized(ImageId image, long sizeBytes) implements CatalogEvent {
        public ImageResized {
            requireNotNegative(sizeBytes, "a size");
        }
    }

    /** Into the trash. */
    record ImageDeleted(ImageId image) implements CatalogEvent {}

    /** Out of the trash, under its old name or another. */
    record ImageUndeleted(ImageId image, ImageName name) implements CatalogEvent {}

    /**
     * Out of the trash, for ever.
     *
     * @param deletedMicros when it came into the trash, by the catalog; 0 for whenever that was
     */
    record ImagePurged(ImageId image, long deletedMicros) implements CatalogEvent {
        public ImagePurged {
            requireNotNegative(deletedMicros, "a time");
        }
    }

    /** @param pointTimeMicros of the event with that sequence */
    record SnapshotCreated(ImageId image, SnapshotName name, Sequence sequence, long pointTimeMicros)
            implements CatalogEvent {
        public SnapshotCreated {
            requireNotNegative(pointTimeMicros, "a time");
        }
    }

    /**
     * Snapshots of one name of several images, taken together: all of them, or none.
     *
     * @param points 1 to {@value #MOST}, of different images
     */
    record SnapshotsCreated(SnapshotName name, List<ImagePoint> points) implements CatalogEvent {
        public static final int MOST = 64;

        public SnapshotsCreated {
            points = List.copyOf(points);
            long images = points.stream().map(ImagePoint::image).distinct().count();
            if (points.isEmpty() || points.size() > MOST || images != points.size()) {
                throw new IllegalArgumentException("points of " + points.size() + " images, " + images
                        + " different ones, expected 1 to " + MOST + " different ones");
            }
        }

        /** Each by itself. */
        public List<SnapshotCreated> each() {
            return points.stream()
                    .map(point -> new SnapshotCreated(point.image(), name, point.sequence(), point.timeMicros()))
                    .toList();
        }
    }

    /** @param timeMicros of the event with that sequence */
    record ImagePoint(ImageId image, Sequence sequence, long timeMicros) {
        public ImagePoint {
            requireNotNegative(timeMicros, "a time");
        }
    }

    /**
     * The image's owner is making what guests see what it was at an earlier point, and serves nobody until it has.
     *
     * @param from where the image was: the way back
     */
    record RewindBegun(ImageId image, Sequence point, Sequence from) implements CatalogEvent {}

    /** Both as it was begun. */
    record RewindEnded(ImageId image, Sequence point, Sequence from) implements CatalogEvent {}

    record SnapshotDeleted(ImageId image, SnapshotName name) implements CatalogEvent {}

    /**
     * A copy of the image's file lies somewhere. A fact, not a wish.
     *
     * @param holder the node or the store that has it
     * @param digest the sum of the content digest
     * @param storedBytes what it takes up there
     * @param pointTimeMicros the highest time of an event that it contains; 0 if that is not known
     */
    record CheckpointMade(
            ImageId image, NodeId holder, Sequence sequence, Digest digest, long storedBytes, long pointTimeMicros)
            implements CatalogEvent {
        public CheckpointMade {
            requireNotNegative(storedBytes, "a count of bytes");
            requireNotNegative(pointTimeMicros, "a time");
        }
    }

    /** The copy is gone, or no good any more. A fact, too. */
    record CheckpointDropped(ImageId image, NodeId holder, Sequence sequence) implements CatalogEvent {}

    /** Points before this sequence are given up. */
    record HistoryFloor(ImageId image, Sequence sequence) implements CatalogEvent {}

    /**
     * A node says that it is there, and how it is reached. The next one takes the place of this one.
     *
     * @param roles at least one
     * @param understands the newest version of the records' format that it can read
     */
    record NodeAnnounced(NodeId node, Set<NodeRole> roles, Endpoint api, Endpoint nbd, int understands)
            implements CatalogEvent {
        public NodeAnnounced {
            roles = Set.copyOf(roles);
            if (roles.isEmpty()) {
                throw new IllegalArgumentException("node " + node + " has no role, expected one at least");
            }
            if (understands < 1) {
                throw new IllegalArgumentException(
                        "node " + node + " understands format version " + understands + ", expected 1 or more");
            }
        }
    }

    /**
     * Whether the node takes no more images, since those that it has are to go elsewhere.
     *
     * @param draining false: it takes images again
     */
    record NodeDrained(NodeId node, boolean draining) implements CatalogEvent {}

    /** The node will not come back. Void as long as an image is placed on it. */
    record NodeRemoved(NodeId node) implements CatalogEvent {}

    /**
     * Of a kind, or with a part, that this version does not know: the fold stops there.
     *
     * @param what of it is not known, for people
     */
    record Unknown(String what) implements CatalogEvent {}

    private static void requireNotNegative(long value, String what) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " of " + value + ", expected none below 0");
        }
    }
}
