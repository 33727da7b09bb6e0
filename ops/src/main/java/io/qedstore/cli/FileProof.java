package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.copy.CopyProgress;
import io.qedstore.qed.copy.FileComparison;
import io.qedstore.qed.copy.FileComparison.Difference;
import io.qedstore.qed.copy.GuestView;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a file compares with an image's own.
 *
 * @param result what they have in common
 * @param bytes how the files differ; empty if they do not
 * @param guest how what guests see differs; empty if it does not, or was not looked at
 * @param unread why the file could not be read as a disk, if it could not
 */
record FileProof(Result result, Optional<Difference> bytes, Optional<Difference> guest, Optional<String> unread) {
    /** What the files have in common, the most first. */
    enum Result {
        /** All bytes. */
        IDENTICAL,
        /** All but the mark that a check is needed, which an export clears. */
        EXPORTED,
        /** What guests see: a file that was flattened or converted. */
        SAME_CONTENT,
        DIFFERENT
    }

    /**
     * Compares them.
     *
     * @param made the image's file as its log makes it; it is the caller's, and may be changed
     * @param format of the file
     */
    static FileProof of(Path file, ImageFormat format, Path made, CopyProgress progress) throws IOException {
        Optional<Difference> bytes;
        try (ChannelImageFile given = ChannelImageFile.open(file, FileAccess.READ);
                ChannelImageFile own = ChannelImageFile.open(made, FileAccess.WRITE)) {
            bytes = FileComparison.compare(given, own, progress);
            if (bytes.isEmpty()) {
                return new FileProof(Result.IDENTICAL, bytes, Optional.empty(), Optional.empty());
            }
            if (bytes.get().firstOffset() < QedHeaderCodec.HEADER_BYTES && clearNeedCheck(own)) {
                bytes = FileComparison.compare(given, own, progress);
                if (bytes.isEmpty()) {
                    return new FileProof(Result.EXPORTED, bytes, Optional.empty(), Optional.empty());
                }
            }
        }
        return ofGuests(file, format, made, bytes, progress);
    }

    private static boolean clearNeedCheck(ChannelImageFile file) throws IOException {
        QedHeader header = HeaderReader.read(file, HeaderLayout.FINAL).header();
        if (header.needsCheck()) {
            ByteBuffer bytes = QedHeaderCodec.encode(header.withNeedCheck(false), new byte[0]);
            file.write(0, bytes.limit(QedHeaderCodec.HEADER_BYTES));
        }
        return header.needsCheck();
    }

    private static FileProof ofGuests(
            Path file, ImageFormat format, Path made, Optional<Difference> bytes, CopyProgress progress)
            throws IOException {
        try (GuestImage own = ImageChain.openReadOnly(made, ImageFormat.QED, HeaderLayout.FINAL)) {
            Optional<Difference> guest;
            try (GuestImage given = ImageChain.openReadOnly(file, format, HeaderLayout.FINAL)) {
                guest = FileComparison.compare(new GuestView(given), new GuestView(own), progress);
            } catch (IOException e) {
                return new FileProof(Result.DIFFERENT, bytes, Optional.empty(), Optional.of(ImageChain.reason(e)));
            }
            Result result = guest.isEmpty() ? Result.SAME_CONTENT : Result.DIFFERENT;
            return new FileProof(result, bytes, guest, Optional.empty());
        }
    }

    /**
     * In a sentence.
     *
     * @param image at which point
     */
    String said(Path file, String image) {
        return "'" + file + "' "
                + switch (result) {
                    case IDENTICAL -> "is " + image + ", byte for byte";
                    case EXPORTED ->
                        "is " + image
                                + " as it is exported: byte for byte, but that its header says that no check is needed";
                    case SAME_CONTENT -> "has the content of " + image + ", as guests see it, in another file";
                    case DIFFERENT -> "is not " + image + ": " + differences();
                };
    }

    private String differences() {
        return bytes.map(difference -> "of the files " + at(difference, "offset"))
                        .orElse("")
                + guest.map(difference -> "; of what guests see " + at(difference, "guest offset"))
                        .orElse("")
                + unread.map(why -> "; it cannot be read as a disk: " + why).orElse("");
    }

    private static String at(Difference difference, String what) {
        return difference.blocks() + " blocks of 4 KiB differ, first at " + difference.firstOffset() + " (" + what
                + ")";
    }
}
