package io.qedstore.qed.check;

/** Something that a check found wrong. All offsets are file offsets in bytes. */
public sealed interface Finding {

    /** An L1 entry that is neither 0 nor the offset of a whole table in the file. Repair makes it 0. */
    record InvalidL1Entry(long entryOffset, long entry) implements Finding {}

    /** An L2 entry that is neither free nor zero nor the offset of a cluster in the file. Repair makes it 0. */
    record InvalidL2Entry(long entryOffset, long entry) implements Finding {}

    /** A cluster that something else uses too; nobody can tell whose it is, so repair leaves it. */
    record DoubleReference(long entryOffset, long clusterOffset) implements Finding {}

    /** A table that the disk does not give. */
    record UnreadableTable(long tableOffset, String reason) implements Finding {}
}
