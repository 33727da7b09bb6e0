package io.qedstore.qed.table;

import io.qedstore.qed.format.TableEntry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A part of an L2 table in memory: 512 entries, 4 KiB of the file. Guarded by the image's plan lock. */
final class L2Slice {
    static final int ENTRIES = 512;
    static final int BYTES = ENTRIES * TableEntry.BYTES;

    final long fileOffset;

    /** Null while one thread loads them; the others wait. */
    long @Nullable [] entries;

    /** How many plans need the slice to stay. */
    int pins;

    L2Slice(long fileOffset) {
        this.fileOffset = fileOffset;
    }

    long[] loadedEntries() {
        return Objects.requireNonNull(entries, "a slice is used before it was loaded");
    }
}
