package io.qedstore.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * What the API asks of its node. Every method may wait for the log, and may be called by many threads.
 *
 * <p>What changes something returns once this node has folded it back: it is durable then, as far as the log is, and others may
 * know it a little later. A {@link NotHereException} names the node that has to be asked instead; the API does that.
 *
 * <p>Images are named as people name them. All methods throw {@link ServiceException} where something cannot be, and any other
 * {@link IOException} where this node's disk or the log fails.
 */
public interface NodeService extends ImageImports {

    // ---- images

    /**
     * Live images in the order of their names.
     *
     * @param after the name behind which to begin; empty for the first
     */
    List<ImageInfo> images(Optional<String> after, int limit) throws IOException;

    /**
     * Images in the trash, in the order of their ids.
     *
     * @param after the id behind which to begin; empty for the first
     */
    List<ImageInfo> trash(Optional<String> after, int limit) throws IOException;

    ImageInfo image(String name) throws IOException;

    /** Creates an image; if its owner is this node, it can be written when this returns. */
    ImageInfo create(NewImageRequest request) throws IOException, InterruptedException;

    ImageInfo rename(String name, String newName) throws IOException, InterruptedException;

    /** Makes an image larger. Clients see the new size when they connect again. */
    ImageInfo resize(String name, long sizeBytes) throws IOException, InterruptedException;

    ImageInfo configure(String name, SettingsChange change) throws IOException, InterruptedException;

    /** Into the trash. */
    ImageInfo delete(String name) throws IOException, InterruptedException;

    /**
     * Out of the trash.
     *
     * @param nameOrId if several in the trash had the name, the one that was deleted last
     * @param newName empty for the one that it had
     */
    ImageInfo undelete(String nameOrId, Optional<String> newName) throws IOException, InterruptedException;

    /** Makes this node the image's owner. */
    ImageInfo promote(String name, PromoteRequest request) throws IOException, InterruptedException;

    /** This node's copy; empty if it has none. */
    Optional<CopyInfo> copy(String name) throws IOException;

    /** Places a copy on a node, which makes it then; nothing if it has one. */
    ImageInfo addReplica(String name, String node) throws IOException, InterruptedException;

    /** Takes the copy from a node that does not own the image. */
    ImageInfo removeReplica(String name, String node) throws IOException, InterruptedException;

    /**
     * Has a copy read from its beginning to its end soon, and compared with what is known of it.
     *
     * @param node whose copy; empty for this one's
     */
    void scrub(String name, Optional<String> node) throws IOException;

    /**
     * A part of this node's file of an image, for another node's copy.
     *
     * @param id of the image
     * @param from where in the file to begin, at a block's boundary
     */
    InputStream copyBytes(String id, long from, long maxDataBytes) throws IOException;

    // ---- snapshots

    /** In the order of their names. */
    List<SnapshotInfo> snapshots(String name) throws IOException;

    /** @param snapshot empty for a name made of the time */
    SnapshotInfo createSnapshot(String name, Optional<String> snapshot) throws IOException, InterruptedException;

    void deleteSnapshot(String name, String snapshot) throws IOException, InterruptedException;

    /**
     * Gives points of several images one name: all of them, or none.
     *
     * @param snapshot empty for a name made of the time
     */
    List<SnapshotInfo> createSnapshots(Optional<String> snapshot, List<ImagePointInfo> points)
            throws IOException, InterruptedException;

    /** Lets the writes of an image's guests wait for a while. Its owner does that. */
    HoldInfo hold(String name) throws IOException, InterruptedException;

    /**
     * A point of an image behind all that its guests were told is written.
     *
     * @throws ServiceException with {@link ServiceError#CONFLICT} if the hold has ended
     */
    ImagePointInfo heldPoint(String name, String token) throws IOException, InterruptedException;

    /**
     * Lets the writes of an image's guests go on.
     *
     * @throws ServiceException with {@link ServiceError#CONFLICT} if they have before
     */
    void endHold(String name, String token) throws IOException;

    // ---- rewind

    /**
     * Begins to make what guests see of an image what it was at a point. Its owner does that; nobody may be using the image.
     *
     * @param point as people write it
     */
    ImageInfo rewind(String name, String point) throws IOException, InterruptedException;

    /** What a rewind would write; changes nothing. Reads the whole disk. */
    RewindForecast rewindPlan(String name, String point) throws IOException, InterruptedException;

    // ---- retention

    /** How much of an image's history is kept. Its owner answers. */
    RetentionInfo retention(String name) throws IOException;

    RetentionInfo setRetention(String name, RetentionChange change) throws IOException, InterruptedException;

    /** What would go of an image's history now; changes nothing. Reads that part of the log. */
    RetentionForecast retentionPlan(String name) throws IOException;

    // ---- history

    /** A part of who wrote what when. Reads no more than a bounded part of the log. */
    HistoryItems history(String name, HistoryRequest request) throws IOException;

    // ---- verification

    /**
     * Begins to verify this node's copy, unless that is under way.
     *
     * @param withLog whether this node is to verify the log, too
     * @return how that stands, of this node alone
     */
    Verification startVerification(String name, boolean withLog) throws IOException;

    /** How the last verification stands, of this node alone. */
    Verification verification(String name) throws IOException;

    // ---- export

    /**
     * A consistent copy of this node's file of an image, as it is now, or of the image as it was at a point. It is kept for a
     * while, so that a download can go on where it broke off.
     *
     * @param at the point, as people write it; not looked at with a tag
     * @param exact the file's own bytes; otherwise the header says that no check is needed
     * @param tag of an export that is kept, to have that one; empty for a new one
     * @throws ServiceException with {@link ServiceError#GONE} if that one is not kept any more
     */
    ImageExport export(String name, Optional<String> at, boolean exact, Optional<String> tag)
            throws IOException, InterruptedException;

    /**
     * An overlay that has what changed since a point, to lie beside an export of that point. With its tag, {@link #export} has it
     * again, as one that is not exact.
     *
     * @param since the point, as people write it
     * @param backing the relative name of the export of that point
     * @param at the point that the overlay is to show; empty for what is now
     */
    ImageExport exportSince(String name, String since, String backing, Optional<String> at)
            throws IOException, InterruptedException;

    // ---- nodes

    /** In the order of their ids. */
    List<NodeInfo> nodes() throws IOException;

    /** @param draining whether the node takes no more images */
    NodeInfo drain(String node, boolean draining) throws IOException, InterruptedException;

    ClusterInfo cluster() throws IOException;

    /** Why this node does not serve yet, or not any more; empty if it does. */
    Optional<String> notReady();

    /** What Prometheus reads. */
    String metrics();
}
