package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What can be asked without reading a log. All of it is made from the logs and can be made again.
 *
 * <p>All methods may be called by any thread. They read local memory or disk and never wait for a log. Each answer is of one
 * moment; two answers need not be of the same.
 */
public interface MetadataIndex {
    /** The image with an id, whatever has become of it. */
    Optional<CatalogImage> image(ImageId id) throws IOException;

    /** The live image with a name. */
    Optional<CatalogImage> image(ImageName name) throws IOException;

    /** How many images live. */
    int liveImages() throws IOException;

    /** Live images in the order of their names: the first {@code limit} behind a name. */
    List<CatalogImage> imagesByName(Optional<ImageName> after, int limit) throws IOException;

    /** All images, trashed and purged ones too, in the order of their ids' digits: the first {@code limit} behind an id. */
    List<CatalogImage> imagesById(Optional<ImageId> after, int limit) throws IOException;

    Optional<CatalogNode> node(NodeId id) throws IOException;

    /** In the order of their ids. */
    List<CatalogNode> nodes() throws IOException;

    /**
     * Images that are placed on a node, those in the trash too, in the order of their ids' digits: the first {@code limit}
     * behind an id.
     */
    List<CatalogImage> imagesPlacedOn(NodeId node, Optional<ImageId> after, int limit) throws IOException;

    Optional<Snapshot> snapshot(ImageId image, SnapshotName name) throws IOException;

    /** In the order of their names. */
    List<Snapshot> snapshots(ImageId image) throws IOException;

    /** By sequence, and those of one sequence by holder. */
    List<Checkpoint> checkpoints(ImageId image) throws IOException;

    /** In the order of their ids' digits. */
    List<CloneOf> clones(ImageId base) throws IOException;

    /** How far the catalog is folded; empty before its first record. */
    Optional<CatalogPosition> catalogPosition() throws IOException;

    /** The last flush point at or before a sequence, none below the image's floor. */
    Optional<FlushPoint> flushPointAtOrBefore(ImageId image, Sequence sequence) throws IOException;

    /**
     * The last indexed place at or before a sequence, none below the image's floor: from there the fold can go on to it. If
     * there is none, from the log's beginning or from a checkpoint.
     */
    Optional<FoldState> placeAtOrBefore(ImageId image, Sequence sequence) throws IOException;

    /** The last indexed place whose highest time is not after this one. */
    Optional<FoldState> placeAtOrBeforeTime(ImageId image, long timeMicros) throws IOException;

    /** How far the image's log is indexed. */
    Optional<FoldState> indexed(ImageId image) throws IOException;
}
