package io.qedstore.qed.format;

/** The values of an L1 or L2 entry that are no offsets. Entries are u64, little-endian, 8 bytes each. */
public final class TableEntry {
    public static final int BYTES = 8;

    /** L1: no L2 table. L2: the backing file shows through, or zeros where there is none. */
    public static final long UNALLOCATED = 0;

    /** L2 only: the cluster reads as zeros and hides the backing file. */
    public static final long ZERO = 1;

    private TableEntry() {}
}
