package io.qedstore.event;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.CatalogEvent.ImagePoint;
import io.qedstore.event.CatalogEvent.ImagePurged;
import io.qedstore.event.CatalogEvent.ImageRenamed;
import io.qedstore.event.CatalogEvent.ImageResized;
import io.qedstore.event.CatalogEvent.ImageUndeleted;
import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.event.CatalogEvent.NodeDrained;
import io.qedstore.event.CatalogEvent.NodeRemoved;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.CatalogEvent.SnapshotCreated;
import io.qedstore.event.CatalogEvent.SnapshotDeleted;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import io.qedstore.event.CatalogEvent.Unknown;
import io.qedstore.log.v1.CatalogProto;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Records of the catalog as bytes, by {@code qedstore/log/v1/catalog.proto}. */
public final class CatalogCodec {
    private CatalogCodec() {}

    // ---- to bytes

    /** A record as it goes into the catalog. The same record gives the same bytes. */
    public static byte[] encode(CatalogRecord record) {
        CatalogProto.CatalogRecord.Builder message = CatalogProto.CatalogRecord.newBuilder()
                .setTimeMicros(record.timeMicros())
                .setNodeId(record.node().value());
        CatalogEvent event = record.event();
        if (event instanceof ImageCreated created) {
            message.setImageCreated(encodeCreated(created));
        } else if (event instanceof ImageConfigured configured) {
            CatalogProto.ImageConfigured.Builder part = CatalogProto.ImageConfigured.newBuilder()
                    .setImageId(EventCodec.bytes(configured.image().value()))
                    .setSettings(SettingsCodec.toProto(configured.settings()));
            configured.expected().ifPresent(expected -> part.setExpected(SettingsCodec.toProto(expected)));
            message.setImageConfigured(part);
        } else if (event instanceof ImagePlaced placed) {
            CatalogProto.ImagePlaced.Builder part = CatalogProto.ImagePlaced.newBuilder()
                    .setImageId(EventCodec.bytes(placed.image().value()))
                    .setPlacement(NodeCodec.toProto(placed.placement()));
            placed.expected().ifPresent(expected -> part.setExpected(NodeCodec.toProto(expected)));
            message.setImagePlaced(part);
        } else if (event instanceof ImageRenamed renamed) {
            message.setImageRenamed(CatalogProto.ImageRenamed.newBuilder()
                    .setImageId(EventCodec.bytes(renamed.image().value()))
                    .setName(renamed.name().value()));
        } else if (event instanceof ImageResized resized) {
            message.setImageResized(CatalogProto.ImageResized.newBuilder()
                    .setImageId(EventCodec.bytes(resized.image().value()))
                    .setSizeBytes(resized.sizeBytes()));
        } else if (event instanceof ImageDeleted deleted) {
            message.setImageDeleted(CatalogProto.ImageDeleted.newBuilder()
                    .setImageId(EventCodec.bytes(deleted.image().value())));
        } else if (event instanceof ImageUndeleted undeleted) {
            message.setImageUndeleted(CatalogProto.ImageUndeleted.newBuilder()
                    .setImageId(EventCodec.bytes(undeleted.image().value()))
                    .setName(undeleted.name().value()));
        } else if (event instanceof ImagePurged purged) {
            message.setImagePurged(CatalogProto.ImagePurged.newBuilder()
                    .setImageId(EventCodec.bytes(purged.image().value()))
                    .setDeletedTimeMicros(purged.deletedMicros()));
        } else if (event instanceof SnapshotCreated created) {
            message.setSnapshotCreated(CatalogProto.SnapshotCreated.newBuilder()
                    .setImageId(EventCodec.bytes(created.image().value()))
                    .setName(created.name().value())
                    .setSequence(created.sequence().value())
                    .setPointTimeMicros(created.pointTimeMicros()));
        } else if (event instanceof SnapshotsCreated created) {
            message.setSnapshotsCreated(encodeSnapshots(created));
        } else if (event instanceof RewindBegun begun) {
            message.setRewindBegun(CatalogProto.RewindBegun.newBuilder()
                    .setImageId(EventCodec.bytes(begun.image().value()))
                    .setSequence(begun.point().value())
                    .setFromSequence(begun.from().value()));
        } else if (event instanceof RewindEnded ended) {
            message.setRewindEnded(CatalogProto.RewindEnded.newBuilder()
                    .setImageId(EventCodec.bytes(ended.image().value()))
                    .setSequence(ended.point().value())
                    .setFromSequence(ended.from().value()));
        } else if (event instanceof SnapshotDeleted deleted) {
            message.setSnapshotDeleted(CatalogProto.SnapshotDeleted.newBuilder()
                    .setImageId(EventCodec.bytes(deleted.image().value()))
                    .setName(deleted.name().value()));
        } else if (event instanceof CheckpointMade made) {
            message.setCheckpointMade(CatalogProto.CheckpointMade.newBuilder()
                    .setImageId(EventCodec.bytes(made.image().value()))
                    .setNodeId(made.holder().value())
                    .setSequence(made.sequence().value())
                    .setDigest(EventCodec.bytes(made.digest()))
                    .setStoredBytes(made.storedBytes())
                    .setPointTimeMicros(made.pointTimeMicros()));
        } else if (event instanceof CheckpointDropped dropped) {
            message.setCheckpointDropped(CatalogProto.CheckpointDropped.newBuilder()
                    .setImageId(EventCodec.bytes(dropped.image().value()))
                    .setNodeId(dropped.holder().value())
                    .setSequence(dropped.sequence().value()));
        } else if (event instanceof HistoryFloor floor) {
            message.setHistoryFloor(CatalogProto.HistoryFloor.newBuilder()
                    .setImageId(EventCodec.bytes(floor.image().value()))
                    .setSequence(floor.sequence().value()));
        } else if (event instanceof NodeAnnounced announced) {
            message.setNodeAnnounced(NodeCodec.toProto(announced));
        } else if (event instanceof NodeDrained drained) {
            message.setNodeDrained(CatalogProto.NodeDrained.newBuilder()
                    .setNodeId(drained.node().value())
                    .setDraining(drained.draining()));
        } else if (event instanceof NodeRemoved removed) {
            message.setNodeRemoved(CatalogProto.NodeRemoved.newBuilder()
                    .setNodeId(removed.node().value()));
        } else {
            throw new IllegalArgumentException("cannot write what is not understood: " + record);
        }
        return message.build().toByteArray();
    }

    private static CatalogProto.ImageCreated encodeCreated(ImageCreated created) {
        CatalogProto.ImageCreated.Builder message = CatalogProto.ImageCreated.newBuilder()
                .setImageId(EventCodec.bytes(created.image().value()))
                .setLineageId(EventCodec.bytes(created.lineage().value()))
                .setName(created.name().value())
                .setSizeBytes(created.sizeBytes())
                .setClusterSizeBytes(created.geometry().clusterSize())
                .setTableSize(created.geometry().tableSize())
                .setDigestAlgorithm(EventCodec.toProto(created.digestAlgorithm()))
                .setSettings(SettingsCodec.toProto(created.settings()))
                .setPlacement(NodeCodec.toProto(created.placement()));
        created.backing()
                .ifPresent(backing -> message.setBacking(CatalogProto.Backing.newBuilder()
                        .setImageId(EventCodec.bytes(backing.image().value()))
                        .setLineageId(EventCodec.bytes(backing.lineage().value()))
                        .setSequence(backing.sequence().value())));
        return message.build();
    }

    private static CatalogProto.SnapshotsCreated encodeSnapshots(SnapshotsCreated created) {
        CatalogProto.SnapshotsCreated.Builder message = CatalogProto.SnapshotsCreated.newBuilder()
                .setName(created.name().value());
        created.points()
                .forEach(point -> message.addPoints(CatalogProto.ImagePoint.newBuilder()
                        .setImageId(EventCodec.bytes(point.image().value()))
                        .setSequence(point.sequence().value())
                        .setPointTimeMicros(point.timeMicros())));
        return message.build();
    }

    // ---- from bytes

    /**
     * Reads a record. What a newer version has put in is no error here, but an {@link Unknown}: the fold stops at it.
     *
     * @param bytes all that remains of it
     * @throws CorruptRecordException if the bytes are no record, or one whose values make no sense
     */
    public static CatalogRecord decode(ByteBuffer bytes) throws CorruptRecordException {
        try {
            CatalogProto.CatalogRecord message = CatalogProto.CatalogRecord.parseFrom(bytes.duplicate());
            return new CatalogRecord(message.getTimeMicros(), new NodeId(message.getNodeId()), event(message));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new CorruptRecordException(
                    "these " + bytes.remaining() + " bytes are no record of the catalog: " + e.getMessage(), e);
        }
    }

    private static CatalogEvent event(CatalogProto.CatalogRecord message) {
        Optional<String> notKnown = NotKnown.in(message);
        if (notKnown.isPresent()) {
            // It may say what the rest means, so nothing is made of the rest.
            return new Unknown(notKnown.get());
        }
        return switch (message.getBodyCase()) {
            case IMAGE_CREATED -> created(message.getImageCreated());
            case IMAGE_CONFIGURED -> {
                CatalogProto.ImageConfigured configured = message.getImageConfigured();
                yield new ImageConfigured(
                        image(configured.getImageId()),
                        SettingsCodec.fromProto(configured.getSettings()),
                        configured.hasExpected()
                                ? Optional.of(SettingsCodec.fromProto(configured.getExpected()))
                                : Optional.empty());
            }
            case IMAGE_PLACED -> {
                CatalogProto.ImagePlaced placed = message.getImagePlaced();
                yield new ImagePlaced(
                        image(placed.getImageId()),
                        NodeCodec.fromProto(placed.getPlacement()),
                        placed.hasExpected()
                                ? Optional.of(NodeCodec.fromProto(placed.getExpected()))
                                : Optional.empty());
            }
            case IMAGE_RENAMED -> {
                CatalogProto.ImageRenamed renamed = message.getImageRenamed();
                yield new ImageRenamed(image(renamed.getImageId()), new ImageName(renamed.getName()));
            }
            case IMAGE_RESIZED -> {
                CatalogProto.ImageResized resized = message.getImageResized();
                yield new ImageResized(image(resized.getImageId()), resized.getSizeBytes());
            }
            case IMAGE_DELETED ->
                new ImageDeleted(image(message.getImageDeleted().getImageId()));
            case IMAGE_UNDELETED -> {
                CatalogProto.ImageUndeleted undeleted = message.getImageUndeleted();
                yield new ImageUndeleted(image(undeleted.getImageId()), new ImageName(undeleted.getName()));
            }
            case IMAGE_PURGED ->
                new ImagePurged(
                        image(message.getImagePurged().getImageId()),
                        message.getImagePurged().getDeletedTimeMicros());
            case SNAPSHOT_CREATED -> {
                CatalogProto.SnapshotCreated created = message.getSnapshotCreated();
                yield new SnapshotCreated(
                        image(created.getImageId()),
                        new SnapshotName(created.getName()),
                        new Sequence(created.getSequence()),
                        created.getPointTimeMicros());
            }
            case SNAPSHOT_DELETED -> {
                CatalogProto.SnapshotDeleted deleted = message.getSnapshotDeleted();
                yield new SnapshotDeleted(image(deleted.getImageId()), new SnapshotName(deleted.getName()));
            }
            case CHECKPOINT_MADE -> {
                CatalogProto.CheckpointMade made = message.getCheckpointMade();
                yield new CheckpointMade(
                        image(made.getImageId()),
                        new NodeId(made.getNodeId()),
                        new Sequence(made.getSequence()),
                        EventCodec.digest(made.getDigest(), "digest of a checkpoint"),
                        made.getStoredBytes(),
                        made.getPointTimeMicros());
            }
            case CHECKPOINT_DROPPED -> {
                CatalogProto.CheckpointDropped dropped = message.getCheckpointDropped();
                yield new CheckpointDropped(
                        image(dropped.getImageId()),
                        new NodeId(dropped.getNodeId()),
                        new Sequence(dropped.getSequence()));
            }
            case HISTORY_FLOOR -> {
                CatalogProto.HistoryFloor floor = message.getHistoryFloor();
                yield new HistoryFloor(image(floor.getImageId()), new Sequence(floor.getSequence()));
            }
            case NODE_ANNOUNCED -> NodeCodec.fromProto(message.getNodeAnnounced());
            case NODE_DRAINED ->
                new NodeDrained(
                        new NodeId(message.getNodeDrained().getNodeId()),
                        message.getNodeDrained().getDraining());
            case NODE_REMOVED ->
                new NodeRemoved(new NodeId(message.getNodeRemoved().getNodeId()));
            case SNAPSHOTS_CREATED -> snapshots(message.getSnapshotsCreated());
            case REWIND_BEGUN -> {
                CatalogProto.RewindBegun begun = message.getRewindBegun();
                yield new RewindBegun(
                        image(begun.getImageId()),
                        new Sequence(begun.getSequence()),
                        new Sequence(begun.getFromSequence()));
            }
            case REWIND_ENDED -> {
                CatalogProto.RewindEnded ended = message.getRewindEnded();
                yield new RewindEnded(
                        image(ended.getImageId()),
                        new Sequence(ended.getSequence()),
                        new Sequence(ended.getFromSequence()));
            }
            case BODY_NOT_SET -> new Unknown("the kind of record");
        };
    }

    private static ImageCreated created(CatalogProto.ImageCreated created) {
        DigestAlgorithm algorithm = EventCodec.algorithm(created.getDigestAlgorithm());
        if (algorithm == null) {
            throw new IllegalArgumentException("digest algorithm " + created.getDigestAlgorithmValue());
        }
        return new ImageCreated(
                image(created.getImageId()),
                lineage(created.getLineageId()),
                new ImageName(created.getName()),
                created.getSizeBytes(),
                new ImageGeometry(created.getClusterSizeBytes(), created.getTableSize()),
                algorithm,
                created.hasBacking() ? Optional.of(backing(created.getBacking())) : Optional.empty(),
                SettingsCodec.fromProto(created.getSettings()),
                NodeCodec.fromProto(created.getPlacement()));
    }

    private static SnapshotsCreated snapshots(CatalogProto.SnapshotsCreated created) {
        return new SnapshotsCreated(
                new SnapshotName(created.getName()),
                created.getPointsList().stream()
                        .map(point -> new ImagePoint(
                                image(point.getImageId()),
                                new Sequence(point.getSequence()),
                                point.getPointTimeMicros()))
                        .toList());
    }

    private static Backing backing(CatalogProto.Backing backing) {
        return new Backing(
                image(backing.getImageId()), lineage(backing.getLineageId()), new Sequence(backing.getSequence()));
    }

    private static ImageId image(ByteString bytes) {
        return new ImageId(EventCodec.uuid(bytes, "image id"));
    }

    private static LineageId lineage(ByteString bytes) {
        return new LineageId(EventCodec.uuid(bytes, "lineage id"));
    }
}
