package io.qedstore.qed.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of the first posted patch (2010): the same 64 bytes and magic, other fields from byte 32 on.
 *
 * <pre>
 *  0  u32 magic "QED\0"        24  u64 compat_features      48  u32 backing_filename_offset
 *  4  u32 cluster_size         32  u64 l1_table_offset      52  u32 backing_filename_size
 *  8  u32 table_size           40  u64 image_size           56  u32 backing_fmt_offset
 * 12  u32 header_size                                       60  u32 backing_fmt_size
 * 16  u64 features
 * </pre>
 *
 * It knows no autoclear features, no need-check bit and no zero clusters, its images are whole clusters and never empty,
 * and the backing file's format is a string.
 *
 * @param features bit 0: a backing file is named
 * @param compatFeatures bit 0: its format is named
 * @param backingFmtOffset file offset of the format's name, bytes
 * @param backingFmtSize its length in bytes
 */
public record DraftHeader(
        long clusterSize,
        long tableSize,
        long headerSize,
        long features,
        long compatFeatures,
        long l1TableOffset,
        long imageSize,
        long backingFilenameOffset,
        long backingFilenameSize,
        long backingFmtOffset,
        long backingFmtSize) {
    public static final long BACKING_FILE = 0x01;
    public static final long BACKING_FORMAT = 0x01;

    /** Decodes 64 bytes at the buffer's position, which stays. The magic is not looked at. */
    public static DraftHeader decode(ByteBuffer bytes) {
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        return new DraftHeader(
                Integer.toUnsignedLong(in.getInt(4)),
                Integer.toUnsignedLong(in.getInt(8)),
                Integer.toUnsignedLong(in.getInt(12)),
                in.getLong(16),
                in.getLong(24),
                in.getLong(32),
                in.getLong(40),
                Integer.toUnsignedLong(in.getInt(48)),
                Integer.toUnsignedLong(in.getInt(52)),
                Integer.toUnsignedLong(in.getInt(56)),
                Integer.toUnsignedLong(in.getInt(60)));
    }

    /** The 64 header bytes followed by {@code tail}. */
    public ByteBuffer encode(byte[] tail) {
        ByteBuffer out =
                ByteBuffer.allocate(QedHeaderCodec.HEADER_BYTES + tail.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(QedHeaderCodec.MAGIC)
                .putInt((int) clusterSize)
                .putInt((int) tableSize)
                .putInt((int) headerSize)
                .putLong(features)
                .putLong(compatFeatures)
                .putLong(l1TableOffset)
                .putLong(imageSize)
                .putInt((int) backingFilenameOffset)
                .putInt((int) backingFilenameSize)
                .putInt((int) backingFmtOffset)
                .putInt((int) backingFmtSize)
                .put(tail);
        return out.flip();
    }

    public boolean hasBackingFormat() {
        return hasBackingFile() && (compatFeatures & BACKING_FORMAT) != 0;
    }

    public boolean hasBackingFile() {
        return (features & BACKING_FILE) != 0;
    }

    /** The draft's own rules; what both layouts ask for is left to {@link HeaderRules}. */
    public void check() throws QedFormatException {
        long unknown = features & ~BACKING_FILE;
        if (unknown != 0) {
            throw new QedFormatException(
                    QedError.UNSUPPORTED_FEATURES,
                    Errno.ENOTSUP,
                    QedError.UNSUPPORTED_FEATURES.text() + " " + Long.toHexString(unknown)
                            + " (the draft layout knows bit 1 alone; is the file in the final layout?)");
        }
        if (ImageGeometry.isClusterSize(clusterSize) && (imageSize == 0 || imageSize % clusterSize != 0)) {
            throw new QedFormatException(
                    QedError.IMAGE_SIZE,
                    "found " + Long.toUnsignedString(imageSize)
                            + " bytes, the draft layout wants a non-zero multiple of the cluster size; is the file in the"
                            + " final layout?");
        }
    }

    /** The same image as the final layout's header says it. */
    public QedHeader toFinal(boolean backingIsRaw) {
        long raw = hasBackingFile() && backingIsRaw ? FeatureBits.BACKING_FORMAT_NO_PROBE : 0;
        return new QedHeader(
                clusterSize,
                tableSize,
                headerSize,
                features | raw,
                0,
                0,
                l1TableOffset,
                imageSize,
                backingFilenameOffset,
                backingFilenameSize);
    }
}
