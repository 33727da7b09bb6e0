package io.qedstore.event;

import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;

/**
 * The versions of the records' format. A node announces the newest that it can read; what needs a newer one than some node has
 * announced is not written, since that node's fold would stop at it.
 *
 * <ul>
 *   <li>1: all that is not named below
 *   <li>2: clones (whose records older programs can read, but not serve), snapshots of several images at once, rewinds
 * </ul>
 */
public final class FormatVersion {
    /** Of this program. */
    public static final int NEWEST = 2;

    private FormatVersion() {}

    /** The oldest version whose nodes can read a record of the catalog. */
    public static int of(CatalogEvent event) {
        boolean isOfSecond =
                (event instanceof ImageCreated created && created.backing().isPresent())
                        || event instanceof SnapshotsCreated
                        || event instanceof RewindBegun
                        || event instanceof RewindEnded;
        return isOfSecond ? 2 : 1;
    }
}
