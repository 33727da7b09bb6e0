package io.qedstore.qed;

import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.DraftHeader;
import io.qedstore.qed.format.Errno;
import io.qedstore.qed.format.FeatureBits;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.HeaderRules;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An image that is to be created: a header in the first cluster, the L1 table behind it, nothing else.
 *
 * @param geometry cluster and table size
 * @param imageSizeBytes guest-visible bytes, whole sectors (in the draft layout whole clusters, and some)
 * @param backingName of the backing file, or empty
 * @param backingFormat of the backing file, or empty; the final layout can only say {@code raw}, and takes every other
 *     format as "look at the file"
 */
public record NewImage(ImageGeometry geometry, long imageSizeBytes, String backingName, String backingFormat) {

    /** An image without a backing file. */
    public NewImage(ImageGeometry geometry, long imageSizeBytes) {
        this(geometry, imageSizeBytes, "", "");
    }

    /**
     * What makes an empty or any other file this image.
     *
     * @throws QedFormatException if the layout cannot hold it; nothing was changed then
     */
    public List<QedChange> changes(HeaderLayout layout) throws QedFormatException {
        checkSize(layout);
        ByteBuffer header =
                switch (layout) {
                    case FINAL -> finalHeader();
                    case DRAFT_2010 -> draftHeader();
                };
        if (header.remaining() > geometry.clusterSize()) {
            throw nameTooLong(header.remaining() - QedHeaderCodec.HEADER_BYTES);
        }
        return List.of(
                new QedChange.FileLengthSet(0),
                new QedChange.HeaderWritten(header),
                new QedChange.RangeZeroed(geometry.clusterSize(), geometry.tableBytes()));
    }

    /** Makes the file this image; durable when it returns. What the file held is gone. */
    public void createIn(ImageFile file, HeaderLayout layout) throws IOException {
        for (QedChange change : changes(layout)) {
            change.applyTo(file);
        }
        file.sync();
    }

    private void checkSize(HeaderLayout layout) throws QedFormatException {
        boolean draftRule =
                layout == HeaderLayout.FINAL || (imageSizeBytes != 0 && imageSizeBytes % geometry.clusterSize() == 0);
        if (!geometry.permitsImageSize(imageSizeBytes) || !draftRule) {
            String max = Long.toUnsignedString(geometry.maxImageSize());
            String expected = layout == HeaderLayout.FINAL
                    ? "a multiple of " + ImageGeometry.SECTOR_SIZE + " up to " + max
                    : "a multiple of " + geometry.clusterSize() + " from there up to " + max;
            throw new QedFormatException(
                    QedError.IMAGE_SIZE,
                    Errno.EINVAL,
                    "QED image size must be a non-zero multiple of cluster size and less than " + max + " bytes (found "
                            + Long.toUnsignedString(imageSizeBytes) + ", expected " + expected + ")");
        }
    }

    private byte[] name() throws QedFormatException {
        byte[] name = backingName.getBytes(StandardCharsets.UTF_8);
        if (name.length > HeaderRules.MAX_BACKING_FILENAME_BYTES) {
            throw nameTooLong(name.length);
        }
        return name;
    }

    private QedFormatException nameTooLong(int bytes) {
        int room =
                Math.min(HeaderRules.MAX_BACKING_FILENAME_BYTES, geometry.clusterSize() - QedHeaderCodec.HEADER_BYTES);
        return new QedFormatException(
                QedError.BACKING_FILENAME_OFFSET,
                "the backing file's name takes " + bytes + " bytes, the header has room for " + room
                        + "; take a shorter or relative name, or larger clusters");
    }

    private ByteBuffer finalHeader() throws QedFormatException {
        byte[] name = name();
        QedHeader header = QedHeader.fresh(geometry, imageSizeBytes);
        if (name.length > 0) {
            header = header.withBackingFile(name.length, backingFormat.equals("raw"));
        }
        return QedHeaderCodec.encode(header, name);
    }

    private ByteBuffer draftHeader() throws QedFormatException {
        byte[] name = name();
        byte[] format = name.length > 0 ? backingFormat.getBytes(StandardCharsets.UTF_8) : new byte[0];
        int nameOffset = name.length > 0 ? QedHeaderCodec.HEADER_BYTES : 0;
        DraftHeader header = new DraftHeader(
                geometry.clusterSize(),
                geometry.tableSize(),
                1,
                name.length > 0 ? FeatureBits.BACKING_FILE : 0,
                format.length > 0 ? DraftHeader.BACKING_FORMAT : 0,
                geometry.clusterSize(),
                imageSizeBytes,
                nameOffset,
                name.length,
                format.length > 0 ? nameOffset + name.length : 0,
                format.length);
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        strings.writeBytes(name);
        strings.writeBytes(format);
        return header.encode(strings.toByteArray());
    }
}
