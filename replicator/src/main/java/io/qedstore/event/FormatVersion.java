package io.qedstore.event;

import io.qedstore.event.CatalogEvent.ImageConfigured;
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
 *   <li>2: clones (whose records older programs can read, but not serve), limits of histories, snapshots of several images at
 *       once, rewinds
 * </ul>
 */
public final class FormatVersion {
    /** Of this program. */
    public static final int NEWEST = 2;

    /** Of those that can serve clones. */
    public static final int CLONES = 2;

    private FormatVersion() {}

    /** The oldest version whose nodes can read a record of the catalog. */
    public static int of(CatalogEvent event) {
        if (event instanceof ImageCreated created) {
            return created.backing().isPresent() ? CLONES : of(created.settings());
        } else if (event instanceof ImageConfigured configured) {
            int expected = configured.expected().map(FormatVersion::of).orElse(1);
            return Math.max(of(configured.settings()), expected);
        }
        boolean isOfSecond =
                event instanceof SnapshotsCreated || event instanceof RewindBegun || event instanceof RewindEnded;
        return isOfSecond ? 2 : 1;
    }

    private static int of(ImageSettings settings) {
        return settings.retention().isLimited() ? 2 : 1;
    }
}
