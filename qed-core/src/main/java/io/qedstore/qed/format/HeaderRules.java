package io.qedstore.qed.format;

/** The checks that a header passes before its image is opened, in the order in which qemu makes them. */
public final class HeaderRules {
    /** The longest image that can be opened, in bytes: a limit of qemu's block layer, not of the format. */
    public static final long MAX_OPEN_BYTES = Long.MAX_VALUE - (1L << 30) + 1;

    /** The longest backing file name in bytes. */
    public static final int MAX_BACKING_FILENAME_BYTES = 4095;

    private static final long MAX_U32 = 0xffff_ffffL;

    private HeaderRules() {}

    /** The checks up to the cluster size: all that must hold before the file's length is worth asking for. */
    public static void checkFeaturesAndClusterSize(QedHeader header) throws QedFormatException {
        long unknown = header.features() & ~FeatureBits.KNOWN;
        if (unknown != 0) {
            throw new QedFormatException(
                    QedError.UNSUPPORTED_FEATURES,
                    Errno.ENOTSUP,
                    QedError.UNSUPPORTED_FEATURES.text() + " " + Long.toHexString(unknown)
                            + " (known bits: " + Long.toHexString(FeatureBits.KNOWN)
                            + "; a newer program may know the others)");
        }
        if (!ImageGeometry.isClusterSize(header.clusterSize())) {
            throw new QedFormatException(
                    QedError.CLUSTER_SIZE,
                    "found " + header.clusterSize() + ", expected a power of two from " + ImageGeometry.MIN_CLUSTER_SIZE
                            + " to " + ImageGeometry.MAX_CLUSTER_SIZE);
        }
    }

    /** The checks that follow once the file's length is known, up to where the backing file name lies. */
    public static void checkAgainstFile(QedHeader header, long fileLengthBytes) throws QedFormatException {
        if (!ImageGeometry.isTableSize(header.tableSize())) {
            throw new QedFormatException(
                    QedError.TABLE_SIZE,
                    "found " + header.tableSize() + " clusters, expected a power of two from "
                            + ImageGeometry.MIN_TABLE_SIZE + " to " + ImageGeometry.MAX_TABLE_SIZE);
        }
        ImageGeometry geometry = header.geometry();
        if (!geometry.permitsImageSize(header.imageSize())) {
            throw new QedFormatException(
                    QedError.IMAGE_SIZE,
                    "found " + Long.toUnsignedString(header.imageSize()) + " bytes, expected a multiple of "
                            + ImageGeometry.SECTOR_SIZE + " up to "
                            + Long.toUnsignedString(geometry.maxImageSize()));
        }
        TableBounds bounds = TableBounds.of(header, fileLengthBytes);
        if (!bounds.isTableOffset(header.l1TableOffset()) || header.l1TableOffset() < QedHeaderCodec.HEADER_BYTES) {
            throw new QedFormatException(QedError.TABLE_OFFSET, tableOffsetDetail(header, bounds));
        }
        if (header.headerSize() > MAX_U32 / header.clusterSize()) {
            throw new QedFormatException(
                    QedError.HEADER_SIZE,
                    "found " + header.headerSize() + " clusters of " + header.clusterSize()
                            + " bytes, expected at most " + MAX_U32 / header.clusterSize());
        }
        if (header.hasBackingFile()
                && header.backingFilenameOffset() + header.backingFilenameSize() > header.headerBytes()) {
            throw new QedFormatException(
                    QedError.BACKING_FILENAME_OFFSET,
                    "the name ends at byte " + (header.backingFilenameOffset() + header.backingFilenameSize())
                            + ", the header at byte " + header.headerBytes());
        }
    }

    /** The last check of an open. */
    public static void checkOpenableSize(QedHeader header) throws QedFormatException {
        if (Long.compareUnsigned(header.imageSize(), MAX_OPEN_BYTES) > 0) {
            throw new QedFormatException(
                    QedError.TOO_LARGE,
                    "the image has " + Long.toUnsignedString(header.imageSize()) + " bytes, at most " + MAX_OPEN_BYTES
                            + " can be opened");
        }
    }

    private static String tableOffsetDetail(QedHeader header, TableBounds bounds) {
        String found = "the L1 table is said to lie at byte " + Long.toUnsignedString(header.l1TableOffset());
        if (header.tableSize() == 1) {
            return found + "; no image with table_size=1 can be opened, by qemu neither";
        }
        return found + ", expected a multiple of " + header.clusterSize() + " from " + bounds.headerBytes() + " with "
                + bounds.geometry().tableBytes() + " bytes before byte " + bounds.usableBytes()
                + ", where the file's whole clusters end";
    }
}
