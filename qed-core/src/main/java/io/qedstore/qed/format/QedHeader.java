package io.qedstore.qed.format;

/**
 * The header's fields as they stand in the file, unsigned 32-bit ones widened, nothing checked: a header that was read
 * is only as good as {@link HeaderRules} found it.
 *
 * @param clusterSize bytes
 * @param tableSize clusters in the L1 and in each L2 table
 * @param headerSize clusters that the header occupies
 * @param features bits of {@link FeatureBits}
 * @param compatFeatures kept and ignored
 * @param autoclearFeatures cleared by a writer that does not know them
 * @param l1TableOffset file offset, bytes
 * @param imageSize guest-visible bytes
 * @param backingFilenameOffset file offset, bytes
 * @param backingFilenameSize bytes, without a terminator
 */
public record QedHeader(
        long clusterSize,
        long tableSize,
        long headerSize,
        long features,
        long compatFeatures,
        long autoclearFeatures,
        long l1TableOffset,
        long imageSize,
        long backingFilenameOffset,
        long backingFilenameSize) {

    /** The header of a fresh image: one header cluster, the L1 table behind it, no backing file. */
    public static QedHeader fresh(ImageGeometry geometry, long imageSizeBytes) {
        return new QedHeader(
                geometry.clusterSize(), geometry.tableSize(), 1, 0, 0, 0, geometry.clusterSize(), imageSizeBytes, 0, 0);
    }

    /** @throws IllegalArgumentException if the sizes were never checked and are no geometry */
    public ImageGeometry geometry() {
        return new ImageGeometry(Math.toIntExact(clusterSize), Math.toIntExact(tableSize));
    }

    /** Bytes before the first byte that a cluster may occupy. */
    public long headerBytes() {
        return headerSize * clusterSize;
    }

    public boolean hasBackingFile() {
        return (features & FeatureBits.BACKING_FILE) != 0;
    }

    public boolean needsCheck() {
        return (features & FeatureBits.NEED_CHECK) != 0;
    }

    /** Whether the backing file is to be taken as raw without a look at it. */
    public boolean backingIsRaw() {
        return hasBackingFile() && (features & FeatureBits.BACKING_FORMAT_NO_PROBE) != 0;
    }

    public QedHeader withFeatures(long newFeatures) {
        return new QedHeader(
                clusterSize,
                tableSize,
                headerSize,
                newFeatures,
                compatFeatures,
                autoclearFeatures,
                l1TableOffset,
                imageSize,
                backingFilenameOffset,
                backingFilenameSize);
    }

    public QedHeader withNeedCheck(boolean needCheck) {
        return withFeatures(needCheck ? features | FeatureBits.NEED_CHECK : features & ~FeatureBits.NEED_CHECK);
    }

    public QedHeader withImageSize(long newImageSize) {
        return new QedHeader(
                clusterSize,
                tableSize,
                headerSize,
                features,
                compatFeatures,
                autoclearFeatures,
                l1TableOffset,
                newImageSize,
                backingFilenameOffset,
                backingFilenameSize);
    }

    public QedHeader withoutAutoclearFeatures() {
        return new QedHeader(
                clusterSize,
                tableSize,
                headerSize,
                features,
                compatFeatures,
                0,
                l1TableOffset,
                imageSize,
                backingFilenameOffset,
                backingFilenameSize);
    }

    /** The header that names a backing file directly behind the 64 header bytes. */
    public QedHeader withBackingFile(int nameBytes, boolean raw) {
        long kept = features & ~(FeatureBits.BACKING_FILE | FeatureBits.BACKING_FORMAT_NO_PROBE);
        long set = FeatureBits.BACKING_FILE | (raw ? FeatureBits.BACKING_FORMAT_NO_PROBE : 0);
        return withFeatures(kept | set).withBackingFilename(nameBytes);
    }

    /** The header without a backing file; like qemu it leaves offset 64 and size 0 behind. */
    public QedHeader withoutBackingFile() {
        return withFeatures(features & ~(FeatureBits.BACKING_FILE | FeatureBits.BACKING_FORMAT_NO_PROBE))
                .withBackingFilename(0);
    }

    private QedHeader withBackingFilename(int nameBytes) {
        return new QedHeader(
                clusterSize,
                tableSize,
                headerSize,
                features,
                compatFeatures,
                autoclearFeatures,
                l1TableOffset,
                imageSize,
                QedHeaderCodec.HEADER_BYTES,
                nameBytes);
    }
}
