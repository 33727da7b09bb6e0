package io.qedstore.node;

import io.qedstore.api.BackingInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.HistoryItem;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.OperationInfo;
import io.qedstore.api.RewindInfo;
import io.qedstore.api.ScrubInfo;
import io.qedstore.api.SettingsInfo;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.event.Backing;
import io.qedstore.event.Epoch;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.history.HistoryEntry;
import io.qedstore.hosting.CopyStatus;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.ScrubMarks;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.ImageLife;
import io.qedstore.index.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the API shows of what the node knows. */
final class Views {
    private static final long MICROS = 1_000_000;

    private Views() {}

    static ImageInfo image(
            CatalogImage image, Optional<BackingInfo> backing, Optional<RewindInfo> rewind, Optional<CopyInfo> copy) {
        return new ImageInfo(
                image.name().value(),
                image.id().toString(),
                image.lineage().toString(),
                word(image.life()),
                image.sizeBytes(),
                image.geometry().clusterSize(),
                image.geometry().tableSize(),
                backing,
                settings(image.settings()),
                image.placement().owner().value(),
                image.placement().replicas().stream().map(NodeId::value).toList(),
                instant(image.createdMicros()),
                image.life() == ImageLife.LIVE ? Optional.empty() : Optional.of(instant(image.lifeMicros())),
                rewind,
                copy);
    }

    /** @param base as the catalog has it now */
    static BackingInfo backing(Backing backing, CatalogImage base) {
        return new BackingInfo(
                base.name().value(),
                backing.image().toString(),
                backing.sequence().value(),
                backing.fileName());
    }

    private static SettingsInfo settings(ImageSettings settings) {
        return new SettingsInfo(
                word(settings.cache()),
                word(settings.attach()),
                word(settings.failover()),
                settings.limits().iops(),
                settings.limits().bytesPerSecond());
    }

    static CopyInfo copy(NodeId self, HostedImage hosted, List<String> clients, Optional<ScrubMarks.Mark> scrub) {
        CopyStatus status = hosted.status();
        Optional<FoldState> folded = status.folded();
        boolean owns = status.stage() == CopyStatus.Stage.OWNING;
        return new CopyInfo(
                self.value(),
                owns ? "owner" : "replica",
                word(status.stage()),
                status.detail(),
                hosted.ownedBy().map(NodeId::value),
                folded.map(FoldState::epoch).map(Epoch::value).orElse(0L),
                folded.map(FoldState::sequence).map(Sequence::value).orElse(0L),
                status.applied(),
                status.synced(),
                status.verified(),
                status.restoredBlocks(),
                status.lagRecords(),
                status.lagBytes(),
                status.lag().toMillis(),
                scrub.map(mark -> new ScrubInfo(
                        mark.sequence(), instant(mark.atMicros()), mark.lastBadBlocks(), mark.allBadBlocks())),
                status.pendingBytes(),
                clients);
    }

    static SnapshotInfo snapshot(CatalogImage image, Snapshot snapshot) {
        return new SnapshotInfo(
                image.name().value(),
                snapshot.name().value(),
                snapshot.sequence().value(),
                instant(snapshot.pointTimeMicros()),
                instant(snapshot.createdMicros()));
    }

    /** @param there the nodes that run; empty while that is not known */
    static NodeInfo node(CatalogNode node, Optional<Set<NodeId>> there, NodeId self) {
        return new NodeInfo(
                node.id().value(),
                node.roles().stream().map(Views::word).sorted().toList(),
                node.api().value(),
                node.nbd().value(),
                node.understands(),
                node.draining(),
                instant(node.announcedMicros()),
                there.map(nodes -> nodes.contains(node.id())),
                node.id().equals(self));
    }

    static HistoryItem history(HistoryEntry entry) {
        return new HistoryItem(
                word(entry.kind()),
                entry.sequence().value(),
                instant(entry.timeMicros()),
                entry.epoch().value(),
                entry.node().map(NodeId::value),
                entry.offset(),
                entry.bytes(),
                entry.operations().stream()
                        .map(operation -> new OperationInfo(
                                word(operation.kind()), operation.guestOffset(), operation.lengthBytes()))
                        .toList(),
                entry.name(),
                entry.detail());
    }

    /** As the API writes the names of constants. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(micros / MICROS, micros % MICROS * 1000);
    }
}
