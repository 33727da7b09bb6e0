package io.qedstore.qed.inspect;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.DraftHeader;
import io.qedstore.qed.format.FeatureBits;
import io.qedstore.qed.format.HeaderRules;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import io.qedstore.qed.format.TableBounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The header's fields in file order, then the strings that they point to. */
final class HeaderFields {
    private final FileView file;
    private final Consumer<RawField> out;

    HeaderFields(FileView file, Consumer<RawField> out) {
        this.file = file;
        this.out = out;
    }

    QedHeader walkFinal() throws IOException {
        ByteBuffer bytes = start();
        QedHeader header = QedHeaderCodec.decode(bytes);
        sizes(bytes, header);
        boolean known = (header.features() & ~FeatureBits.KNOWN) == 0;
        hex(16, "features", header.features(), RawWalk.featureNames(header.features()), known);
        hex(24, "compat_features", header.compatFeatures(), "kept and ignored", true);
        hex(32, "autoclear_features", header.autoclearFeatures(), "cleared by the next writer", true);
        l1TableOffset(40, header);
        imageSize(48, header);
        boolean named = header.hasBackingFile();
        number(56, 4, "backing_filename_offset", header.backingFilenameOffset(), named ? "" : "not in use", true);
        number(60, 4, "backing_filename_size", header.backingFilenameSize(), named ? "" : "not in use", true);
        if (named) {
            string("backing file name", header.backingFilenameOffset(), header.backingFilenameSize());
        }
        return header;
    }

    QedHeader walkDraft() throws IOException {
        ByteBuffer bytes = start();
        DraftHeader draft = DraftHeader.decode(bytes);
        QedHeader header = draft.toFinal(false);
        sizes(bytes, header);
        boolean known = (draft.features() & ~DraftHeader.BACKING_FILE) == 0;
        hex(16, "features", draft.features(), RawWalk.featureNames(draft.features()), known);
        String compat = (draft.compatFeatures() & DraftHeader.BACKING_FORMAT) != 0 ? "BACKING_FORMAT" : "none";
        hex(24, "compat_features", draft.compatFeatures(), compat, true);
        l1TableOffset(32, header);
        imageSize(40, header);
        boolean named = draft.hasBackingFile();
        boolean formatted = draft.hasBackingFormat();
        number(48, 4, "backing_filename_offset", draft.backingFilenameOffset(), named ? "" : "not in use", true);
        number(52, 4, "backing_filename_size", draft.backingFilenameSize(), named ? "" : "not in use", true);
        number(56, 4, "backing_fmt_offset", draft.backingFmtOffset(), formatted ? "" : "not in use", true);
        number(60, 4, "backing_fmt_size", draft.backingFmtSize(), formatted ? "" : "not in use", true);
        if (named) {
            string("backing file name", draft.backingFilenameOffset(), draft.backingFilenameSize());
        }
        if (formatted) {
            string("backing file format", draft.backingFmtOffset(), draft.backingFmtSize());
        }
        return header;
    }

    private ByteBuffer start() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(RawWalk.HEADER_BYTES);
        file.read(0, bytes);
        return bytes.flip();
    }

    private void sizes(ByteBuffer bytes, QedHeader header) {
        String magic = String.format("%02x %02x %02x %02x", bytes.get(0), bytes.get(1), bytes.get(2), bytes.get(3));
        boolean isQed = QedHeaderCodec.hasMagic(bytes);
        out.accept(new RawField(0, 4, "magic", magic, isQed ? "QED" : "not QED, which starts with 51 45 44 00", isQed));
        boolean clusterSize = ImageGeometry.isClusterSize(header.clusterSize());
        number(4, 4, "cluster_size", header.clusterSize(), clusterSize ? "bytes" : "invalid", clusterSize);
        boolean tableSize = ImageGeometry.isTableSize(header.tableSize());
        number(8, 4, "table_size", header.tableSize(), tableSize ? "clusters" : "invalid", tableSize);
        number(12, 4, "header_size", header.headerSize(), "clusters", true);
    }

    private void l1TableOffset(long at, QedHeader header) {
        if (!hasGeometry(header)) {
            hex(at, "l1_table_offset", header.l1TableOffset(), "cannot be judged", false);
            return;
        }
        TableBounds bounds = TableBounds.of(header, file.length());
        boolean valid = bounds.isTableOffset(header.l1TableOffset());
        hex(at, "l1_table_offset", header.l1TableOffset(), valid ? "L1 table" : "invalid: no table lies there", valid);
    }

    private void imageSize(long at, QedHeader header) {
        boolean valid = hasGeometry(header) && header.geometry().permitsImageSize(header.imageSize());
        number(at, 8, "image_size", header.imageSize(), valid ? "bytes" : "invalid", valid);
    }

    private static boolean hasGeometry(QedHeader header) {
        return ImageGeometry.isClusterSize(header.clusterSize()) && ImageGeometry.isTableSize(header.tableSize());
    }

    private void string(String field, long fileOffset, long lengthBytes) throws IOException {
        if (lengthBytes > HeaderRules.MAX_BACKING_FILENAME_BYTES) {
            out.accept(new RawField(fileOffset, lengthBytes, field, "", "invalid: longer than 4095 bytes", false));
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) lengthBytes);
        file.read(fileOffset, bytes);
        String value = new String(bytes.array(), StandardCharsets.UTF_8);
        out.accept(new RawField(fileOffset, lengthBytes, field, value, "", true));
    }

    private void number(long at, int bytes, String field, long value, String meaning, boolean valid) {
        out.accept(new RawField(at, bytes, field, Long.toUnsignedString(value), meaning, valid));
    }

    private void hex(long at, String field, long value, String meaning, boolean valid) {
        out.accept(new RawField(at, 8, field, RawWalk.hex(value), meaning, valid));
    }
}
