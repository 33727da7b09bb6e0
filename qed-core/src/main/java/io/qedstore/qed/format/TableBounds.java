package io.qedstore.qed.format;

/**
 * Which file offsets a table entry may hold.
 *
 * @param geometry of the image
 * @param headerBytes no cluster starts before this file offset
 * @param usableBytes no cluster starts at or after this file offset; a multiple of the cluster size
 */
public record TableBounds(ImageGeometry geometry, long headerBytes, long usableBytes) {

    /** The bounds of a file as it was opened: its length counts in sectors, then in whole clusters. */
    public static TableBounds of(QedHeader header, long fileLengthBytes) {
        ImageGeometry geometry = header.geometry();
        return new TableBounds(geometry, header.headerBytes(), usableBytes(geometry, fileLengthBytes));
    }

    /** The file's length rounded up to a sector and then down to a cluster: where the next cluster goes. */
    public static long usableBytes(ImageGeometry geometry, long fileLengthBytes) {
        long sector = ImageGeometry.SECTOR_SIZE;
        long wholeSectors = Math.min(fileLengthBytes, Long.MAX_VALUE - sector) + sector - 1 & -sector;
        return geometry.floorToCluster(wholeSectors);
    }

    public TableBounds withUsableBytes(long bytes) {
        return new TableBounds(geometry, headerBytes, bytes);
    }

    /** Whether an L2 entry other than 0 and 1 is the offset of a cluster in the file. */
    public boolean isClusterOffset(long entry) {
        return entry >= headerBytes && entry < usableBytes && geometry.offsetInCluster(entry) == 0;
    }

    /** Whether an L1 entry other than 0 (or the header's L1 offset) is the offset of a whole table in the file. */
    public boolean isTableOffset(long entry) {
        long last = entry + geometry.tableBytes() - geometry.clusterSize();
        return isClusterOffset(entry) && last > entry && isClusterOffset(last);
    }
}
