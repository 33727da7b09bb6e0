package io.qedstore.index;

/** What a record of the catalog is worth. */
public enum CatalogVerdict {
    APPLIED,

    /** No record at all. */
    JUNK,
    /** A live image has that name. */
    NAME_TAKEN,
    /** There is, or was, an image with that id. */
    ID_TAKEN,
    NO_SUCH_IMAGE,
    /** The image is in the trash. */
    IN_TRASH,
    /** The image is live. */
    NOT_IN_TRASH,
    PURGED,
    /** The base is of another lineage. */
    OTHER_LINEAGE,
    /** Images do not shrink. */
    NOT_LARGER,
    /** More than the geometry can hold, or no whole sectors. */
    SIZE_IMPOSSIBLE,
    /** The image has a snapshot with that name. */
    SNAPSHOT_NAME_TAKEN,
    NO_SUCH_SNAPSHOT,
    /** That point was given up. */
    BELOW_FLOOR,
    /** A snapshot or a clone holds a point below. */
    ABOVE_PIN,
    /** The floor is there already, or higher. */
    FLOOR_NOT_RAISED,
    /** Clones lie over the image. */
    HAS_CLONES,
    /** The holder has a checkpoint of that sequence. */
    CHECKPOINT_KNOWN,
    NO_SUCH_CHECKPOINT,
    NO_SUCH_NODE,
    /** The node was not announced with the role that the placement gives it. */
    NO_SUCH_ROLE,
    /** The node takes no more images. */
    DRAINING,
    /** The image is not as it was expected to be. */
    CHANGED_MEANWHILE,
    /** What guests see of the image is being made what it was at an earlier point. */
    REWINDING,
    /** Nothing of that kind. */
    NOT_REWINDING,
    /** The node's program is too old for the image. */
    OLDER_PROGRAM,
    /** Images are placed on the node. */
    HAS_IMAGES;

    /** Whether the record does nothing, so that whoever wrote it is told why. */
    public boolean isVoid() {
        return this != APPLIED;
    }
}
