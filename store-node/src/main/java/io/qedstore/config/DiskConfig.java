package io.qedstore.config;

/**
 * What a node does while its disk fills up, by the share used of the file system that the data is on.
 *
 * @param warnPercent from here on it warns
 * @param stopImagesPercent from here on it takes no more images and exports nothing
 * @param stopReplicasPercent from here on its copies of other nodes' images stop where they are
 */
public record DiskConfig(int warnPercent, int stopImagesPercent, int stopReplicasPercent) {

    static DiskConfig of(ConfigValues values) {
        return new DiskConfig(
                values.get(NodeKeys.DISK_WARN),
                values.get(NodeKeys.DISK_STOP_IMAGES),
                values.get(NodeKeys.DISK_STOP_REPLICAS));
    }
}
