package io.qedstore.index;

import static io.qedstore.index.CatalogDecision.applied;

import io.qedstore.event.Backing;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePlaced;
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
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says which records of the catalog count, and what those change: all nodes go by this class, so all come to the same
 * catalog. It decides by what the records before have left, and changes nothing.
 *
 * <ul>
 *   <li>The first wins: of two images of one name, of two snapshots of one name of an image, of two images of one id.
 *   <li>A deleted image frees its name at once: to make a machine anew under its name is everyday work, and a trash that kept
 *       names would have people purge what it is there to keep. It comes back under a name that is free then.
 *   <li>What a live clone lies over lives: an image with live clones is not deleted, and a clone does not come back before its base.
 *   <li>Only what is in the trash can be purged, and only if no clone lies over it; a clone in the trash is one, too.
 *   <li>Snapshots and clones pin their points. A floor above a pin is void, a pin below a floor is void: whichever comes
 *       first. Snapshots of an image in the trash pin as well, since the image may come back.
 *   <li>A rewind that is under way pins its point, and until it has ended no snapshot names what is half done.
 *   <li>Checkpoints are facts: they count for any image that was not purged. So a floor says nothing about which checkpoints
 *       there are; whoever deletes a log below it looks at them again.
 *   <li>What a node announces is a fact, too, and the last one counts. Placements are judged by what the nodes say at that
 *       moment; a node that says less afterwards keeps its images until they are placed elsewhere.
 *   <li>An image in the trash stays where it is placed, since the nodes keep its file. So a node can be removed after its
 *       images were placed elsewhere or purged.
 * </ul>
 */
public final class CatalogRules {
    private static final int NAMED_CLONES = 10;

    private final MetadataIndex index;
    private final Requirements require;
    private final NodeRules nodes;
    private final HistoryRules history;
    private final NodeId writer;
    private final long timeMicros;

    private CatalogRules(MetadataIndex index, NodeId writer, long timeMicros) {
        this.index = index;
        this.require = new Requirements(index);
        this.nodes = new NodeRules(index, timeMicros);
        this.history = new HistoryRules(index, timeMicros);
        this.writer = writer;
        this.timeMicros = timeMicros;
    }

    /**
     * @param index as the records before have left it
     * @throws IllegalArgumentException if the event is not understood
     */
    public static CatalogDecision decide(CatalogRecord record, MetadataIndex index) throws IOException {
        try {
            // whoever writes has asked; a node that runs an older program may have announced itself since
            Optional<String> older = OlderNodes.whoCannotRead(record.event(), index);
            if (older.isPresent()) {
                throw new VoidRecordException(CatalogVerdict.OLDER_PROGRAM, older.get());
            }
            return new CatalogRules(index, record.node(), record.timeMicros()).decide(record.event());
        } catch (VoidRecordException e) {
            return e.decision();
        }
    }

    private CatalogDecision decide(CatalogEvent event) throws IOException, VoidRecordException {
        if (event instanceof ImageCreated created) {
            return create(created);
        } else if (event instanceof ImageConfigured configured) {
            return configure(configured);
        } else if (event instanceof ImagePlaced placed) {
            return nodes.place(placed);
        } else if (event instanceof ImageRenamed renamed) {
            return rename(renamed);
        } else if (event instanceof ImageResized resized) {
            return resize(resized);
        } else if (event instanceof ImageDeleted deleted) {
            return delete(deleted);
        } else if (event instanceof ImageUndeleted undeleted) {
            return undelete(undeleted);
        } else if (event instanceof ImagePurged purged) {
            return purge(purged);
        } else if (event instanceof SnapshotCreated created) {
            return history.createSnapshot(created);
        } else if (event instanceof SnapshotsCreated created) {
            return history.createSnapshots(created);
        } else if (event instanceof RewindBegun begun) {
            return history.beginRewind(begun, writer);
        } else if (event instanceof RewindEnded ended) {
            return history.endRewind(ended);
        } else if (event instanceof SnapshotDeleted deleted) {
            return history.deleteSnapshot(deleted);
        } else if (event instanceof CheckpointMade made) {
            return history.addCheckpoint(made);
        } else if (event instanceof CheckpointDropped dropped) {
            return history.dropCheckpoint(dropped);
        } else if (event instanceof HistoryFloor floor) {
            return history.raiseFloor(floor);
        } else if (event instanceof NodeAnnounced announced) {
            return nodes.announce(announced);
        } else if (event instanceof NodeDrained drained) {
            return nodes.drain(drained);
        } else if (event instanceof NodeRemoved removed) {
            return nodes.remove(removed);
        }
        throw new IllegalArgumentException("cannot judge what is not understood: " + event);
    }

    private CatalogDecision create(ImageCreated created) throws IOException, VoidRecordException {
        if (index.image(created.image()).isPresent()) {
            throw new VoidRecordException(
                    CatalogVerdict.ID_TAKEN, "there is, or was, an image with the id " + created.image());
        }
        require.free(created.name());
        nodes.requireRoles(created.placement(), Set.of(), created.backing().isPresent());
        List<CatalogChange> changes = new ArrayList<>();
        changes.add(new CatalogChange.ImageSet(new CatalogImage(
                created.image(),
                created.lineage(),
                created.name(),
                ImageLife.LIVE,
                created.sizeBytes(),
                created.geometry(),
                created.digestAlgorithm(),
                created.backing(),
                created.settings(),
                created.placement(),
                Sequence.NONE,
                timeMicros,
                timeMicros)));
        changes.add(new CatalogChange.NameGiven(created.name(), created.image()));
        changes.add(new CatalogChange.LiveImagesSet(index.liveImages() + 1));
        created.placement().nodes().forEach(node -> changes.add(new CatalogChange.PlacedOn(node, created.image())));
        if (created.backing().isPresent()) {
            changes.add(lieOver(created.backing().get(), created));
        }
        return new CatalogDecision(CatalogVerdict.APPLIED, "", changes);
    }

    private CatalogChange lieOver(Backing backing, ImageCreated created) throws IOException, VoidRecordException {
        CatalogImage base = require.live(backing.image());
        if (!base.lineage().equals(backing.lineage())) {
            throw new VoidRecordException(
                    CatalogVerdict.OTHER_LINEAGE,
                    "image " + base.id() + ", " + base.name() + ", is of lineage " + base.lineage() + ", not of "
                            + backing.lineage());
        }
        require.notBelowFloor(base, backing.sequence());
        require.notHalfRewound(base, backing.sequence());
        return new CatalogChange.CloneSet(new CloneOf(base.id(), created.image(), backing.sequence()));
    }

    private CatalogDecision configure(ImageConfigured configured) throws IOException, VoidRecordException {
        CatalogImage image = require.live(configured.image());
        if (configured.expected().isPresent() && !configured.expected().get().equals(image.settings())) {
            throw new VoidRecordException(
                    CatalogVerdict.CHANGED_MEANWHILE,
                    "image " + image.name() + " has the settings " + image.settings() + ", expected "
                            + configured.expected().get() + ": somebody else has changed them meanwhile");
        }
        return applied(new CatalogChange.ImageSet(image.withSettings(configured.settings())));
    }

    private CatalogDecision rename(ImageRenamed renamed) throws IOException, VoidRecordException {
        CatalogImage image = require.live(renamed.image());
        require.free(renamed.name());
        return applied(
                new CatalogChange.NameFreed(image.name()),
                new CatalogChange.NameGiven(renamed.name(), image.id()),
                new CatalogChange.ImageSet(image.withName(renamed.name())));
    }

    private CatalogDecision resize(ImageResized resized) throws IOException, VoidRecordException {
        CatalogImage image = require.live(resized.image());
        if (!image.geometry().permitsImageSize(resized.sizeBytes())) {
            throw new VoidRecordException(
                    CatalogVerdict.SIZE_IMPOSSIBLE,
                    "image " + image.name() + " cannot have " + resized.sizeBytes()
                            + " bytes; expected whole sectors, at most "
                            + Long.toUnsignedString(image.geometry().maxImageSize()));
        }
        if (resized.sizeBytes() <= image.sizeBytes()) {
            throw new VoidRecordException(
                    CatalogVerdict.NOT_LARGER,
                    "image " + image.name() + " has " + image.sizeBytes() + " bytes; expected more, not "
                            + resized.sizeBytes());
        }
        return applied(new CatalogChange.ImageSet(image.withSize(resized.sizeBytes())));
    }

    private CatalogDecision delete(ImageDeleted deleted) throws IOException, VoidRecordException {
        CatalogImage image = require.live(deleted.image());
        requireNoLiveClones(image);
        return applied(
                new CatalogChange.NameFreed(image.name()),
                new CatalogChange.LiveImagesSet(index.liveImages() - 1),
                new CatalogChange.ImageSet(image.withLife(ImageLife.TRASHED, timeMicros)));
    }

    private void requireNoLiveClones(CatalogImage base) throws IOException, VoidRecordException {
        List<String> names = new ArrayList<>();
        for (CloneOf clone : index.clones(base.id())) {
            index.image(clone.image())
                    .filter(image -> image.life() == ImageLife.LIVE)
                    .ifPresent(image -> names.add(image.name().value()));
        }
        if (!names.isEmpty()) {
            throw new VoidRecordException(
                    CatalogVerdict.HAS_CLONES,
                    "image " + base.name() + " is the base of " + names.size() + " images: "
                            + names.stream().sorted().limit(NAMED_CLONES).collect(Collectors.joining(", "))
                            + (names.size() > NAMED_CLONES ? " and others" : "") + "; delete those first");
        }
    }

    private CatalogDecision undelete(ImageUndeleted undeleted) throws IOException, VoidRecordException {
        CatalogImage image = require.inTrash(undeleted.image());
        if (image.backing().isPresent()) {
            require.live(image.backing().get().image());
        }
        require.free(undeleted.name());
        return applied(
                new CatalogChange.NameGiven(undeleted.name(), image.id()),
                new CatalogChange.LiveImagesSet(index.liveImages() + 1),
                new CatalogChange.ImageSet(
                        image.withLife(ImageLife.LIVE, timeMicros).withName(undeleted.name())));
    }

    private CatalogDecision purge(ImagePurged purged) throws IOException, VoidRecordException {
        CatalogImage image = require.inTrash(purged.image());
        if (purged.deletedMicros() != 0 && purged.deletedMicros() != image.lifeMicros()) {
            throw new VoidRecordException(
                    CatalogVerdict.NOT_IN_TRASH,
                    "image " + image.id() + ", " + image.name() + ", was undeleted, and deleted again at another time");
        }
        List<CloneOf> clones = index.clones(image.id());
        if (!clones.isEmpty()) {
            throw new VoidRecordException(
                    CatalogVerdict.HAS_CLONES,
                    "image " + image.id() + ", " + image.name() + ", has " + clones.size() + " clones, "
                            + clones.get(0).image() + " among them; they have to be purged first");
        }
        List<CatalogChange> changes = new ArrayList<>();
        changes.add(new CatalogChange.ImageSet(image.withLife(ImageLife.PURGED, timeMicros)));
        changes.add(new CatalogChange.HistoryForgotten(image.id()));
        image.placement().nodes().forEach(node -> changes.add(new CatalogChange.NotPlacedOn(node, image.id())));
        image.backing().ifPresent(backing -> changes.add(new CatalogChange.CloneRemoved(backing.image(), image.id())));
        return new CatalogDecision(CatalogVerdict.APPLIED, "", changes);
    }
}
