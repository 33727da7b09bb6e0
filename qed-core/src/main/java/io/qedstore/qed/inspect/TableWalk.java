package io.qedstore.qed.inspect;

import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.TableBounds;
import io.qedstore.qed.format.TableEntry;
import io.qedstore.qed.table.TableReader;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** The L1 table's entries, each with the L2 table behind it. A table that two entries point to is walked once. */
final class TableWalk {
    private final FileView file;
    private final TableBounds bounds;
    private final boolean zeroClusters;
    private final Consumer<RawField> out;
    private final Set<Long> walked = new HashSet<>();

    TableWalk(FileView file, TableBounds bounds, HeaderLayout layout, Consumer<RawField> out) {
        this.file = file;
        this.bounds = bounds;
        this.zeroClusters = layout == HeaderLayout.FINAL;
        this.out = out;
    }

    void walk(long l1) {
        forEachEntry(l1, "l1", (index, table) -> {
            long entryOffset = l1 + index * TableEntry.BYTES;
            boolean valid = bounds.isTableOffset(table);
            String again = walked.add(table) ? "" : ", shown before: two entries share it";
            String meaning = valid ? "L2 table" + again : "invalid: no table lies there";
            out.accept(new RawField(
                    entryOffset,
                    TableEntry.BYTES,
                    "l1[" + index + "]",
                    RawWalk.hex(table),
                    meaning,
                    valid && again.isEmpty()));
            if (valid && again.isEmpty()) {
                walkL2(index, table);
            }
        });
    }

    private void walkL2(long l1Index, long table) {
        RunPrinter printer = new RunPrinter("l2[" + l1Index + "]", table);
        forEachEntry(table, "l2[" + l1Index + "]", printer::entry);
        printer.finish();
    }

    private void forEachEntry(long table, String name, TableReader.EntryConsumer consumer) {
        try {
            TableReader.forEachNonZero(file, table, bounds.geometry().entriesPerTable(), consumer);
        } catch (IOException e) {
            out.accept(new RawField(
                    table,
                    bounds.geometry().tableBytes(),
                    name,
                    "",
                    "cannot be read to its end: " + e.getMessage(),
                    false));
        }
    }

    /** Gathers entries that continue each other. */
    private final class RunPrinter {
        private final String name;
        private final long table;
        private long firstIndex;
        private long first;
        private long count;

        RunPrinter(String name, long table) {
            this.name = name;
            this.table = table;
        }

        void entry(long index, long value) {
            if (count > 0 && index == firstIndex + count && value == first + count * step()) {
                boolean bothInFile = bounds.isClusterOffset(value) == bounds.isClusterOffset(first);
                if (bothInFile || first == TableEntry.ZERO) {
                    count++;
                    return;
                }
            }
            finish();
            firstIndex = index;
            first = value;
            count = 1;
        }

        private long step() {
            return first == TableEntry.ZERO ? 0 : bounds.geometry().clusterSize();
        }

        void finish() {
            if (count == 0) {
                return;
            }
            String field = name + "[" + firstIndex + (count > 1 ? ".." + (firstIndex + count - 1) : "") + "]";
            boolean zero = first == TableEntry.ZERO && zeroClusters;
            boolean valid = zero || bounds.isClusterOffset(first);
            String kind = zero ? "zero" : valid ? "data" : "invalid: no cluster lies there, ";
            String clusters = count > 1 ? " clusters, " + count + " of them" : " cluster";
            out.accept(new RawField(
                    table + firstIndex * TableEntry.BYTES,
                    count * TableEntry.BYTES,
                    field,
                    RawWalk.hex(first),
                    valid ? kind + clusters : kind + count + (count > 1 ? " entries" : " entry"),
                    valid));
            count = 0;
        }
    }
}
