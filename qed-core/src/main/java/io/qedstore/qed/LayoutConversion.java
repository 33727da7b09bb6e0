package io.qedstore.qed;

import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.SparseCopy;
import io.qedstore.qed.format.DraftHeader;
import io.qedstore.qed.format.FeatureBits;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Moves an image between the two header layouts. Everything but the 64 header bytes is copied as it is (and, towards the
 * draft, the name of a raw backing file's format is added); what the other layout cannot say is refused, never dropped.
 * An image in the draft layout without a backing file, or with a raw one, comes back with the same bytes; one in the final
 * layout keeps the word {@code raw}, which means nothing there, behind its backing file's name.
 */
public final class LayoutConversion {
    private static final String RAW = "raw";

    private final FileView source;
    private final List<QedChange> changes;

    private LayoutConversion(FileView source, List<QedChange> changes) {
        this.source = source;
        this.changes = changes;
    }

    /**
     * Checks an image in the draft layout and says what makes a copy of it one in the final layout.
     *
     * @param probed what the backing file turned out to be; PROBE where it could not be looked at
     * @throws QedFormatException if the file is not sound, or names a backing format other than {@code raw} and the one
     *     that a look at the file will find
     */
    public static LayoutConversion toFinal(FileView source, ImageFormat probed) throws IOException {
        QedHeader checked = HeaderReader.read(source, HeaderLayout.DRAFT_2010).header();
        requireSound(source, checked, HeaderLayout.DRAFT_2010);
        DraftHeader draft = DraftHeader.decode(start(source));
        boolean raw = false;
        if (draft.hasBackingFormat()) {
            String format = HeaderReader.draftBackingFormat(source, draft);
            raw = format.equals(RAW);
            if (!raw && !format.equals(probed.name().toLowerCase(Locale.ROOT))) {
                throw refused("the backing file's format '" + format
                        + "' would be lost: the final layout can only say raw," + " and a look at the file says "
                        + probed.name().toLowerCase(Locale.ROOT));
            }
            if (raw && draft.backingFmtOffset() != draft.backingFilenameOffset() + draft.backingFilenameSize()) {
                throw refused("the backing format's name does not lie behind the backing file's name, and the way back"
                        + " would put it there");
            }
        }
        if ((draft.compatFeatures() & ~DraftHeader.BACKING_FORMAT) != 0
                || (draft.compatFeatures() != 0 && !draft.hasBackingFile())) {
            throw refused("compat_features is 0x" + Long.toHexString(draft.compatFeatures())
                    + ", which the final layout cannot hold");
        }
        return new LayoutConversion(
                source, List.of(new QedChange.HeaderWritten(QedHeaderCodec.encode(draft.toFinal(raw)))));
    }

    /**
     * Checks an image in the final layout and says what makes a copy of it one in the draft layout.
     *
     * @throws QedFormatException if the file is not sound or uses what the draft does not have
     */
    public static LayoutConversion toDraft(FileView source) throws IOException {
        QedHeader header = HeaderReader.read(source, HeaderLayout.FINAL).header();
        requireDraftable(header);
        CheckResult check = requireSound(source, header, HeaderLayout.FINAL);
        if (check.zeroClusters() > 0) {
            throw refused(
                    "the image has " + check.zeroClusters() + " zero clusters, which the draft layout does not have");
        }
        boolean raw = header.backingIsRaw();
        long formatOffset = raw ? header.backingFilenameOffset() + header.backingFilenameSize() : 0;
        DraftHeader draft = new DraftHeader(
                header.clusterSize(),
                header.tableSize(),
                header.headerSize(),
                header.hasBackingFile() ? DraftHeader.BACKING_FILE : 0,
                raw ? DraftHeader.BACKING_FORMAT : 0,
                header.l1TableOffset(),
                header.imageSize(),
                header.backingFilenameOffset(),
                header.backingFilenameSize(),
                formatOffset,
                raw ? RAW.length() : 0);
        List<QedChange> changes = new ArrayList<>();
        changes.add(new QedChange.HeaderWritten(draft.encode(new byte[0])));
        if (raw) {
            requireRoom(source, header, formatOffset);
            ByteBuffer name = ByteBuffer.wrap(RAW.getBytes(StandardCharsets.US_ASCII));
            changes.add(new QedChange.DataWritten(formatOffset, name));
        }
        return new LayoutConversion(source, changes);
    }

    /** Makes the target the converted copy; what it held is gone. Durable when it returns. */
    public void copyTo(ImageFile target) throws IOException {
        SparseCopy.copy(source, target);
        for (QedChange change : changes) {
            change.applyTo(target);
        }
        target.sync();
    }

    private static void requireDraftable(QedHeader header) throws QedFormatException {
        if (header.needsCheck()) {
            throw refused("the image needs a check, which the draft layout cannot say; run `file check -r all` first");
        }
        boolean idleRawBit = !header.hasBackingFile() && (header.features() & FeatureBits.BACKING_FORMAT_NO_PROBE) != 0;
        if (idleRawBit || header.compatFeatures() != 0 || header.autoclearFeatures() != 0) {
            throw refused("features is 0x" + Long.toHexString(header.features()) + ", compat_features is 0x"
                    + Long.toHexString(header.compatFeatures()) + " and autoclear_features is 0x"
                    + Long.toHexString(header.autoclearFeatures()) + ", which the draft layout cannot hold");
        }
        if (header.imageSize() == 0 || header.imageSize() % header.clusterSize() != 0) {
            throw refused("the image has " + header.imageSize()
                    + " bytes, and the draft layout wants a non-zero multiple of " + header.clusterSize());
        }
    }

    private static void requireRoom(FileView source, QedHeader header, long formatOffset) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(RAW.length());
        source.read(formatOffset, there);
        String text = new String(there.array(), StandardCharsets.US_ASCII);
        boolean free = text.equals(RAW) || text.equals("\0\0\0");
        if (formatOffset + RAW.length() > header.headerBytes() || !free) {
            throw refused("there is no room behind the backing file's name for its format");
        }
    }

    /**
     * Checks a file in either layout.
     *
     * @throws QedFormatException if its tables are corrupt or cannot be read
     */
    public static CheckResult requireSound(FileView source, QedHeader header, HeaderLayout layout) throws IOException {
        CheckResult check = ConsistencyCheck.run(
                source,
                header,
                layout == HeaderLayout.FINAL,
                ConsistencyCheck.defaultBitmapLimitBytes(),
                finding -> false);
        if (check.corruptions() > 0 || check.checkErrors() > 0) {
            throw refused("a check finds " + check.corruptions() + " corruptions and " + check.checkErrors()
                    + " errors; `file check` names them");
        }
        return check;
    }

    private static ByteBuffer start(FileView source) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(QedHeaderCodec.HEADER_BYTES);
        source.read(0, start);
        return start.flip();
    }

    private static QedFormatException refused(String why) {
        return new QedFormatException(QedError.LAYOUT, why);
    }
}
