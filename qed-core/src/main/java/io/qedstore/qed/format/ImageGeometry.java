package io.qedstore.qed.format;

/**
 * The two sizes that shape an image, and the arithmetic that follows from them.
 *
 * <p>An image has one L1 table and up to {@link #entriesPerTable} L2 tables, all {@code tableSize} clusters long. A guest
 * offset splits, from the top, into L1 index, L2 index and offset in the cluster.
 *
 * @param clusterSize bytes in a cluster; a power of two, 4 KiB to 64 MiB
 * @param tableSize clusters in a table, L1 and L2 alike; a power of two, 1 to 16
 */
public record ImageGeometry(int clusterSize, int tableSize) {
    public static final int MIN_CLUSTER_SIZE = 4096;
    public static final int MAX_CLUSTER_SIZE = 64 << 20;
    public static final int DEFAULT_CLUSTER_SIZE = 65536;
    public static final int MIN_TABLE_SIZE = 1;
    public static final int MAX_TABLE_SIZE = 16;
    public static final int DEFAULT_TABLE_SIZE = 4;

    /** Image sizes are whole sectors. */
    public static final int SECTOR_SIZE = 512;

    public ImageGeometry {
        if (!isClusterSize(clusterSize)) {
            throw new IllegalArgumentException("cluster size " + clusterSize + " is not a power of two from "
                    + MIN_CLUSTER_SIZE + " to " + MAX_CLUSTER_SIZE);
        }
        if (!isTableSize(tableSize)) {
            throw new IllegalArgumentException("table size " + tableSize + " is not a power of two from "
                    + MIN_TABLE_SIZE + " to " + MAX_TABLE_SIZE);
        }
    }

    /** Whether a 32-bit value (widened) can be a cluster size. */
    public static boolean isClusterSize(long value) {
        return value >= MIN_CLUSTER_SIZE && value <= MAX_CLUSTER_SIZE && Long.bitCount(value) == 1;
    }

    /** Whether a 32-bit value (widened) can be a table size. */
    public static boolean isTableSize(long value) {
        return value >= MIN_TABLE_SIZE && value <= MAX_TABLE_SIZE && Long.bitCount(value) == 1;
    }

    private int clusterBits() {
        return Integer.numberOfTrailingZeros(clusterSize);
    }

    private int tableEntryBits() {
        return clusterBits() + Integer.numberOfTrailingZeros(tableSize) - 3;
    }

    /** Entries of 8 bytes in a table; 512 to 2^27. */
    public int entriesPerTable() {
        return 1 << tableEntryBits();
    }

    /** Bytes of a table; 4 KiB to 1 GiB. */
    public long tableBytes() {
        return (long) clusterSize * tableSize;
    }

    /** Guest bytes that one L2 table maps; at most 2^53. */
    public long l2SpanBytes() {
        return 1L << (tableEntryBits() + clusterBits());
    }

    /** Index of the L1 entry that a guest offset below {@link #maxImageSize} belongs to. */
    public int l1Index(long guestOffset) {
        return (int) (guestOffset >>> (tableEntryBits() + clusterBits()));
    }

    /** Index in its L2 table of the entry that a guest offset belongs to. */
    public int l2Index(long guestOffset) {
        return (int) (guestOffset >>> clusterBits()) & (entriesPerTable() - 1);
    }

    public int offsetInCluster(long guestOffset) {
        return (int) guestOffset & (clusterSize - 1);
    }

    public long floorToCluster(long bytes) {
        return bytes & -clusterSize;
    }

    /** Rounds up to a cluster boundary; {@code bytes} is at most 2^63 - 2^26. */
    public long ceilToCluster(long bytes) {
        return floorToCluster(bytes + clusterSize - 1);
    }

    /** Clusters that hold {@code bytes} bytes: a true ceiling division (qemu divides by one too little). */
    public long clustersFor(long bytes) {
        return (bytes + clusterSize - 1) >>> clusterBits();
    }

    /** L1 entries that an image of this size uses. */
    public int l1EntriesFor(long imageSizeBytes) {
        long span = l2SpanBytes();
        return Math.toIntExact(imageSizeBytes / span + (imageSizeBytes % span == 0 ? 0 : 1));
    }

    /**
     * The largest image in bytes, as an <em>unsigned</em> value: entries² × cluster size, which the format evaluates
     * modulo 2^64. From 2^64 on it is 0, and only an empty image is possible; 2^63 is a legal value.
     */
    public long maxImageSize() {
        int exponent = 2 * tableEntryBits() + clusterBits();
        return exponent >= Long.SIZE ? 0 : 1L << exponent;
    }

    /** Whether an image may have this many bytes (unsigned): whole sectors, at most {@link #maxImageSize}. */
    public boolean permitsImageSize(long imageSizeBytes) {
        return imageSizeBytes % SECTOR_SIZE == 0 && Long.compareUnsigned(imageSizeBytes, maxImageSize()) <= 0;
    }
}
