package io.qedstore.qed.inspect;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.FeatureBits;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.QedHeaderCodec;
import io.qedstore.qed.format.TableBounds;
import io.qedstore.qed.format.TableEntry;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Walks a file from its first byte on: header, strings, L1 table, L2 tables in the order of their L1 entries, and what is
 * left behind the last whole cluster. What is broken is shown as broken, and the walk goes on as far as the rest makes
 * sense. Entries that are 0 are not shown; neighbours that continue each other come as one.
 */
public final class RawWalk {
    private final FileView file;
    private final HeaderLayout layout;
    private final Consumer<RawField> out;

    private RawWalk(FileView file, HeaderLayout layout, Consumer<RawField> out) {
        this.file = file;
        this.layout = layout;
        this.out = out;
    }

    /** @throws IOException if not even the header's bytes can be read; unreadable tables are shown as such */
    public static void walk(FileView file, HeaderLayout layout, Consumer<RawField> out) throws IOException {
        new RawWalk(file, layout, out).walk();
    }

    private void walk() throws IOException {
        QedHeader header =
                switch (layout) {
                    case FINAL -> new HeaderFields(file, out).walkFinal();
                    case DRAFT_2010 -> new HeaderFields(file, out).walkDraft();
                };
        boolean located =
                ImageGeometry.isClusterSize(header.clusterSize()) && ImageGeometry.isTableSize(header.tableSize());
        if (!located) {
            note(0, "tables", "not walked: the cluster or table size is invalid, so nothing says where they are");
            return;
        }
        TableBounds bounds = TableBounds.of(header, file.length());
        if (bounds.isTableOffset(header.l1TableOffset()) || isReadableTable(header, bounds)) {
            new TableWalk(file, bounds, layout, out).walk(header.l1TableOffset());
        } else {
            note(0, "tables", "not walked: the L1 table does not lie in the file");
        }
        long usable = bounds.usableBytes();
        if (file.length() > usable) {
            String meaning = "behind the last whole cluster: ignored, the next cluster overwrites it";
            out.accept(new RawField(usable, file.length() - usable, "tail", "", meaning, true));
        }
    }

    /** A table of one cluster breaks the rule for offsets and can be shown all the same. */
    private static boolean isReadableTable(QedHeader header, TableBounds bounds) {
        return header.tableSize() == 1 && bounds.isClusterOffset(header.l1TableOffset());
    }

    private void note(long fileOffset, String field, String meaning) {
        out.accept(new RawField(fileOffset, 0, field, "", meaning, false));
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** The names of the bits that are set, or {@code none}. */
    static String featureNames(long features) {
        StringBuilder names = new StringBuilder();
        append(names, features, FeatureBits.BACKING_FILE, "BACKING_FILE");
        append(names, features, FeatureBits.NEED_CHECK, "NEED_CHECK");
        append(names, features, FeatureBits.BACKING_FORMAT_NO_PROBE, "BACKING_FORMAT_NO_PROBE");
        long unknown = features & ~FeatureBits.KNOWN;
        append(names, unknown, unknown, "unknown " + hex(unknown));
        return names.length() == 0 ? "none" : names.toString();
    }

    private static void append(StringBuilder names, long features, long bit, String name) {
        if ((features & bit) != 0) {
            names.append(names.length() == 0 ? "" : " ").append(name);
        }
    }

    static final int HEADER_BYTES = QedHeaderCodec.HEADER_BYTES;
    static final int ENTRY_BYTES = TableEntry.BYTES;
}
