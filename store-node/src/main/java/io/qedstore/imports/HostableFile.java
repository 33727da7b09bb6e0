package io.qedstore.imports;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.check.CheckLimitException;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import java.io.IOException;

/**
 * A QED file that nodes can host as it is: whole, in order, on its own, and of a geometry whose changes fit into events.
 *
 * @param leakedClusters clusters that nothing uses; they do no harm, and come along
 */
public record HostableFile(QedHeader header, long leakedClusters) {
    /** With larger clusters one cluster with its tables would not fit into an event. */
    public static final int MAX_CLUSTER_BYTES = 1 << 20;

    /** With one, the L1 table does not fit where qemu looks for it. */
    public static final int MIN_TABLE_CLUSTERS = 2;

    /** Enough for 32 TiB in clusters of 64 KiB. */
    private static final long BITMAP_BYTES = 64L << 20;

    /**
     * Reads all of the file's tables.
     *
     * @throws ServiceException if it is none, with what to do
     */
    public static HostableFile check(FileView file) throws IOException {
        try {
            HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
            requireAlone(start);
            requireGeometry(start.header());
            return new HostableFile(start.header(), requireSound(file, start.header()));
        } catch (QedFormatException e) {
            throw unfit("it is no QED image that can be opened: " + e.getMessage());
        }
    }

    private static void requireAlone(HeaderReader start) throws ServiceException {
        if (start.backing().exists()) {
            throw unfit("it has the backing file '" + start.backing().name()
                    + "', and images are imported whole; say --flatten to import what the whole chain shows");
        }
    }

    /** Whether changes of an image of this geometry fit into events. */
    public static boolean isHostable(ImageGeometry geometry) {
        return geometry.clusterSize() <= MAX_CLUSTER_BYTES && geometry.tableSize() >= MIN_TABLE_CLUSTERS;
    }

    private static void requireGeometry(QedHeader header) throws ServiceException {
        ImageGeometry geometry = header.geometry();
        if (!isHostable(geometry)) {
            throw unfit("it has clusters of " + geometry.clusterSize() + " bytes and tables of " + geometry.tableSize()
                    + " clusters, and nodes host clusters up to " + MAX_CLUSTER_BYTES + " bytes and tables from "
                    + MIN_TABLE_CLUSTERS + " clusters on; `qedstore file convert -O qed` makes one that they host");
        }
        if (header.imageSize() == 0) {
            throw unfit("its disk has 0 bytes; resize it first, with `qedstore file resize`");
        }
    }

    private static long requireSound(FileView file, QedHeader header) throws IOException {
        CheckResult result;
        try {
            result = ConsistencyCheck.run(file, header, true, BITMAP_BYTES, finding -> false);
        } catch (CheckLimitException e) {
            throw unfit("it has more clusters than are checked here: " + e.getMessage()
                    + "; `qedstore file convert -O qed` makes one with larger clusters");
        }
        if (result.checkErrors() > 0) {
            throw unfit(result.checkErrors() + " of its tables cannot be read; look at the disk that it lies on");
        }
        if (result.corruptions() > 0) {
            throw unfit(
                    "it is damaged: " + result.corruptions() + " entries of its tables are wrong;"
                            + " `qedstore file check` lists them, and `qedstore file check -r all` mends those that point nowhere");
        }
        return result.leaks();
    }

    private static ServiceException unfit(String why) {
        return new ServiceException(ServiceError.INVALID, "the file cannot be imported: " + why);
    }
}
