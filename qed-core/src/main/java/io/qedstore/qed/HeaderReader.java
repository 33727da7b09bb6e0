package io.qedstore.qed;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.DraftHeader;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.HeaderRules;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the header of a file and makes every check that opening it needs, in qemu's order.
 *
 * @param header that has passed
 * @param backing the backing file that it names, or none
 */
public record HeaderReader(QedHeader header, BackingReference backing) {

    /** @throws QedFormatException if the file is no QED image that can be opened, with the first reason */
    public static HeaderReader read(FileView file, HeaderLayout layout) throws IOException {
        ByteBuffer bytes = first(file, QedHeaderCodec.HEADER_BYTES);
        if (!QedHeaderCodec.hasMagic(bytes)) {
            throw new QedFormatException(
                    QedError.NOT_QED,
                    "the first four bytes are " + hex(bytes) + ", expected 51 45 44 00; is it another format?");
        }
        QedHeader header =
                switch (layout) {
                    case FINAL -> QedHeaderCodec.decode(bytes);
                    case DRAFT_2010 -> fromDraft(file, DraftHeader.decode(bytes));
                };
        HeaderRules.checkFeaturesAndClusterSize(header);
        HeaderRules.checkAgainstFile(header, file.length());
        BackingReference backing = header.hasBackingFile() ? backing(file, header) : BackingReference.NONE;
        HeaderRules.checkOpenableSize(header);
        return new HeaderReader(header, backing);
    }

    private static QedHeader fromDraft(FileView file, DraftHeader draft) throws IOException {
        draft.check();
        boolean raw =
                draft.hasBackingFormat() && draftBackingFormat(file, draft).equals("raw");
        return draft.toFinal(raw);
    }

    /** The name of the backing file's format that a draft header gives. */
    static String draftBackingFormat(FileView file, DraftHeader draft) throws IOException {
        return readString(file, draft.backingFmtOffset(), draft.backingFmtSize(), "format name");
    }

    private static BackingReference backing(FileView file, QedHeader header) throws IOException {
        String name =
                readString(file, header.backingFilenameOffset(), header.backingFilenameSize(), "backing file name");
        return new BackingReference(name, header.backingIsRaw() ? ImageFormat.RAW : ImageFormat.PROBE);
    }

    private static String readString(FileView file, long fileOffset, long bytes, String what) throws IOException {
        if (bytes > HeaderRules.MAX_BACKING_FILENAME_BYTES) {
            throw new QedFormatException(
                    QedError.BACKING_FILENAME_UNREADABLE,
                    "the " + what + " has " + bytes + " bytes, expected at most "
                            + HeaderRules.MAX_BACKING_FILENAME_BYTES);
        }
        ByteBuffer string = ByteBuffer.allocate((int) bytes);
        file.read(fileOffset, string);
        int end = 0;
        while (end < bytes && string.get(end) != 0) {
            end++;
        }
        return new String(string.array(), 0, end, StandardCharsets.UTF_8);
    }

    /** The header of an image that is open, unchecked. */
    static QedHeader reread(FileView file) throws IOException {
        return QedHeaderCodec.decode(first(file, QedHeaderCodec.HEADER_BYTES));
    }

    /** Whether the file's first bytes say that it is a QED image, whatever else is in it. */
    public static boolean probe(FileView file) throws IOException {
        return QedHeaderCodec.hasMagic(first(file, Integer.BYTES));
    }

    private static ByteBuffer first(FileView file, int bytes) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(bytes);
        try {
            file.read(0, start);
        } catch (IOException e) {
            throw new IOException("Failed to read QED header: " + e.getMessage(), e);
        }
        return start.flip();
    }

    private static String hex(ByteBuffer bytes) {
        return String.format("%02x %02x %02x %02x", bytes.get(0), bytes.get(1), bytes.get(2), bytes.get(3));
    }
}
