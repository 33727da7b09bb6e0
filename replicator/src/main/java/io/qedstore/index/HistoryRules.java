package io.qedstore.index;

import static io.qedstore.index.CatalogDecision.applied;

import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.CatalogEvent.SnapshotCreated;
import io.qedstore.event.CatalogEvent.SnapshotDeleted;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage.Rewind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of {@link CatalogRules} that is about points of an image's history. */
final class HistoryRules {
    private final MetadataIndex index;
    private final Requirements require;
    private final long timeMicros;

    HistoryRules(MetadataIndex index, long timeMicros) {
        this.index = index;
        this.require = new Requirements(index);
        this.timeMicros = timeMicros;
    }

    CatalogDecision createSnapshot(SnapshotCreated created) throws IOException, VoidRecordException {
        CatalogImage image = require.live(created.image());
        Optional<Snapshot> there = index.snapshot(image.id(), created.name());
        if (there.isPresent()) {
            throw new VoidRecordException(
                    CatalogVerdict.SNAPSHOT_NAME_TAKEN,
                    "image " + image.name() + " has a snapshot " + created.name() + " already, of sequence "
                            + there.get().sequence());
        }
        require.notBelowFloor(image, created.sequence());
        require.notHalfRewound(image, created.sequence());
        return applied(new CatalogChange.SnapshotSet(
                new Snapshot(image.id(), created.name(), created.sequence(), created.pointTimeMicros(), timeMicros)));
    }

    CatalogDecision createSnapshots(SnapshotsCreated created) throws IOException, VoidRecordException {
        List<CatalogChange> changes = new ArrayList<>();
        for (SnapshotCreated each : created.each()) {
            changes.addAll(createSnapshot(each).changes());
        }
        return new CatalogDecision(CatalogVerdict.APPLIED, "", changes);
    }

    /** @param writer who says so: the image's owner, who has made sure that nobody uses it */
    CatalogDecision beginRewind(RewindBegun begun, NodeId writer) throws IOException, VoidRecordException {
        CatalogImage image = require.live(begun.image());
        if (!image.placement().owner().equals(writer)) {
            throw new VoidRecordException(
                    CatalogVerdict.CHANGED_MEANWHILE,
                    "image " + image.name() + " is placed on " + image.placement() + ", and " + writer
                            + " has not its guests any more");
        }
        if (image.rewind().isPresent()) {
            throw new VoidRecordException(
                    CatalogVerdict.REWINDING, rewinding(image, image.rewind().get()));
        }
        require.notBelowFloor(image, begun.point());
        return applied(
                new CatalogChange.ImageSet(image.withRewind(Optional.of(new Rewind(begun.point(), begun.from())))));
    }

    CatalogDecision endRewind(RewindEnded ended) throws IOException, VoidRecordException {
        CatalogImage image = require.notPurged(ended.image());
        if (!image.rewind().equals(Optional.of(new Rewind(ended.point(), ended.from())))) {
            throw new VoidRecordException(
                    CatalogVerdict.NOT_REWINDING,
                    "image " + image.name() + " is not being rewound to sequence " + ended.point());
        }
        return applied(new CatalogChange.ImageSet(image.withRewind(Optional.empty())));
    }

    private static String rewinding(CatalogImage image, Rewind rewind) {
        return "image " + image.name() + " is being rewound from sequence " + rewind.from() + " to sequence "
                + rewind.point();
    }

    CatalogDecision deleteSnapshot(SnapshotDeleted deleted) throws IOException, VoidRecordException {
        CatalogImage image = require.live(deleted.image());
        if (index.snapshot(image.id(), deleted.name()).isEmpty()) {
            throw new VoidRecordException(
                    CatalogVerdict.NO_SUCH_SNAPSHOT, "image " + image.name() + " has no snapshot " + deleted.name());
        }
        return applied(new CatalogChange.SnapshotRemoved(image.id(), deleted.name()));
    }

    CatalogDecision addCheckpoint(CheckpointMade made) throws IOException, VoidRecordException {
        require.notPurged(made.image());
        Optional<Checkpoint> there = checkpoint(made.image(), made.sequence(), made.holder());
        if (there.isPresent()) {
            throw new VoidRecordException(
                    CatalogVerdict.CHECKPOINT_KNOWN,
                    made.holder() + " has a checkpoint of image " + made.image() + " at sequence " + made.sequence()
                            + " already, with digest " + there.get().digest() + "; this one has " + made.digest());
        }
        return applied(new CatalogChange.CheckpointSet(new Checkpoint(
                made.image(),
                made.sequence(),
                made.holder(),
                made.digest(),
                made.storedBytes(),
                Math.max(timeMicros, made.pointTimeMicros()))));
    }

    CatalogDecision dropCheckpoint(CheckpointDropped dropped) throws IOException, VoidRecordException {
        require.notPurged(dropped.image());
        if (checkpoint(dropped.image(), dropped.sequence(), dropped.holder()).isEmpty()) {
            throw new VoidRecordException(
                    CatalogVerdict.NO_SUCH_CHECKPOINT,
                    dropped.holder() + " has no checkpoint of image " + dropped.image() + " at sequence "
                            + dropped.sequence());
        }
        return applied(new CatalogChange.CheckpointRemoved(dropped.image(), dropped.sequence(), dropped.holder()));
    }

    private Optional<Checkpoint> checkpoint(ImageId image, Sequence sequence, NodeId holder) throws IOException {
        return index.checkpoints(image).stream()
                .filter(there ->
                        there.sequence().equals(sequence) && there.holder().equals(holder))
                .findFirst();
    }

    CatalogDecision raiseFloor(HistoryFloor raised) throws IOException, VoidRecordException {
        CatalogImage image = require.notPurged(raised.image());
        Sequence floor = raised.sequence();
        if (floor.compareTo(image.floor()) <= 0) {
            throw new VoidRecordException(
                    CatalogVerdict.FLOOR_NOT_RAISED,
                    "the history of image " + image.id() + " begins at sequence " + image.floor()
                            + " already; expected a floor above it, not " + floor);
        }
        for (Snapshot snapshot : index.snapshots(image.id())) {
            requireNotAbove(snapshot.sequence(), floor, "snapshot " + snapshot.name() + " of image " + image.id());
        }
        for (CloneOf clone : index.clones(image.id())) {
            requireNotAbove(clone.sequence(), floor, "clone " + clone.image() + " of image " + image.id());
        }
        if (image.rewind().isPresent()) {
            requireNotAbove(image.rewind().get().point(), floor, "the rewind of image " + image.id());
        }
        return applied(
                new CatalogChange.ImageSet(image.withFloor(floor)),
                new CatalogChange.HistoryDropped(image.id(), floor));
    }

    private static void requireNotAbove(Sequence pin, Sequence floor, String what) throws VoidRecordException {
        if (floor.compareTo(pin) > 0) {
            throw new VoidRecordException(
                    CatalogVerdict.ABOVE_PIN, what + " holds sequence " + pin + ", below the floor " + floor);
        }
    }
}
