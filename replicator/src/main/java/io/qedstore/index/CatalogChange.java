package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;

/** One step of the index that a record of the catalog asks for. */
public sealed interface CatalogChange {
    record NodeSet(CatalogNode node) implements CatalogChange {}

    record NodeRemoved(NodeId node) implements CatalogChange {}

    record PlacedOn(NodeId node, ImageId image) implements CatalogChange {}

    record NotPlacedOn(NodeId node, ImageId image) implements CatalogChange {}

    record ImageSet(CatalogImage image) implements CatalogChange {}

    record NameGiven(ImageName name, ImageId image) implements CatalogChange {}

    record NameFreed(ImageName name) implements CatalogChange {}

    record LiveImagesSet(int count) implements CatalogChange {}

    record CloneSet(CloneOf added) implements CatalogChange {}

    record CloneRemoved(ImageId base, ImageId image) implements CatalogChange {}

    record SnapshotSet(Snapshot snapshot) implements CatalogChange {}

    record SnapshotRemoved(ImageId image, SnapshotName name) implements CatalogChange {}

    record CheckpointSet(Checkpoint checkpoint) implements CatalogChange {}

    record CheckpointRemoved(ImageId image, Sequence sequence, NodeId holder) implements CatalogChange {}

    /** Places and flush points below this sequence go. */
    record HistoryDropped(ImageId image, Sequence below) implements CatalogChange {}

    /** Snapshots, checkpoints, places and flush points of the image go. */
    record HistoryForgotten(ImageId image) implements CatalogChange {}
}
