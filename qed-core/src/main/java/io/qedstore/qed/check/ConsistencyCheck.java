package io.qedstore.qed.check;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import io.qedstore.qed.format.TableBounds;
import io.qedstore.qed.format.TableEntry;
import io.qedstore.qed.table.TableReader;
import java.io.IOException;

/**
 * One pass over the tables of a file, as qemu's driver makes it: all L1 entries in order, also those beyond the image's
 * size, and under each the L2 entries. Holes in tables are skipped, each table is walked once, so the time is bounded by
 * the data that the file really holds.
 */
public final class ConsistencyCheck {
    /** Takes findings as they turn up. It may mend the entry in the file at once. */
    @FunctionalInterface
    public interface FindingSink {
        /** @return whether the finding is mended */
        boolean found(Finding finding) throws IOException;
    }

    private final FileView file;
    private final QedHeader header;
    private final ImageGeometry geometry;
    private final TableBounds bounds;
    private final boolean zeroClusters;
    private final ClusterBitmap used;
    private final FindingSink sink;

    private long allocated;
    private long zero;
    private long fragmented;
    private long corruptions;
    private long fixed;
    private long checkErrors;
    private long previousInTable;

    private ConsistencyCheck(
            FileView file, QedHeader header, boolean zeroClusters, long bitmapLimitBytes, FindingSink sink)
            throws IOException {
        this.file = file;
        this.header = header;
        this.geometry = header.geometry();
        this.bounds = TableBounds.of(header, file.length());
        this.zeroClusters = zeroClusters;
        this.used = new ClusterBitmap(bitmapLimitBytes);
        this.sink = sink;
    }

    /** What the bitmap may take by default: half of the heap's limit. */
    public static long defaultBitmapLimitBytes() {
        return Runtime.getRuntime().maxMemory() / 2;
    }

    /**
     * Checks a file whose header has passed its own checks.
     *
     * @param zeroClusters whether entries may say zero; in the draft layout they may not
     * @throws CheckLimitException if the bitmap of used clusters outgrows the limit
     */
    public static CheckResult run(
            FileView file, QedHeader header, boolean zeroClusters, long bitmapLimitBytes, FindingSink sink)
            throws IOException {
        return new ConsistencyCheck(file, header, zeroClusters, bitmapLimitBytes, sink).check();
    }

    private CheckResult check() throws IOException {
        long l1 = header.l1TableOffset();
        markTable(l1, l1);
        walk(l1, (index, entry) -> checkL1Entry(l1 + index * TableEntry.BYTES, entry));
        long fileClusters = bounds.usableBytes() / geometry.clusterSize();
        long leaks = checkErrors == 0 ? fileClusters - header.headerSize() - used.marked() : 0;
        return new CheckResult(
                geometry.clustersFor(header.imageSize()),
                allocated,
                zero,
                fragmented,
                corruptions,
                fixed,
                leaks,
                checkErrors);
    }

    private void walk(long tableOffset, TableReader.EntryConsumer entries) throws IOException {
        TableReader.forEachNonZero(file, tableOffset, geometry.entriesPerTable(), entries);
    }

    private void checkL1Entry(long entryOffset, long table) throws IOException {
        if (!bounds.isTableOffset(table)) {
            report(new Finding.InvalidL1Entry(entryOffset, table));
        } else if (markTable(entryOffset, table)) {
            previousInTable = TableEntry.UNALLOCATED;
            try {
                walk(table, (index, entry) -> checkL2Entry(table + index * TableEntry.BYTES, entry));
            } catch (CheckLimitException e) {
                throw e;
            } catch (IOException e) {
                checkErrors++;
                sink.found(new Finding.UnreadableTable(table, String.valueOf(e.getMessage())));
            }
        }
    }

    private void checkL2Entry(long entryOffset, long entry) throws IOException {
        if (entry == TableEntry.ZERO && zeroClusters) {
            zero++;
            return;
        }
        allocated++;
        if (previousInTable != TableEntry.UNALLOCATED && previousInTable + geometry.clusterSize() != entry) {
            fragmented++;
        }
        previousInTable = entry;
        if (!bounds.isClusterOffset(entry)) {
            report(new Finding.InvalidL2Entry(entryOffset, entry));
        } else if (!used.mark(entry / geometry.clusterSize())) {
            report(new Finding.DoubleReference(entryOffset, entry));
        }
    }

    /** Whether no cluster of the table was in use before; if one was, what the table says is not to be trusted. */
    private boolean markTable(long entryOffset, long table) throws IOException {
        boolean free = true;
        for (int i = 0; i < geometry.tableSize(); i++) {
            long cluster = table + (long) i * geometry.clusterSize();
            if (!used.mark(cluster / geometry.clusterSize())) {
                free = false;
                report(new Finding.DoubleReference(entryOffset, cluster));
            }
        }
        return free;
    }

    private void report(Finding finding) throws IOException {
        if (sink.found(finding)) {
            fixed++;
        } else {
            corruptions++;
        }
    }
}
