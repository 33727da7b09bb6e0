package io.qedstore.qed.table;

/**
 * A stretch of guest bytes whose clusters are all of one kind. A run starts at the guest offset that was asked for,
 * which may lie inside a cluster.
 */
public sealed interface ClusterRun {
    /** Guest bytes in the run, at least 1. */
    long lengthBytes();

    /** Clusters that follow each other in the file; the run's first byte lies at {@code fileOffset}. */
    record Data(long fileOffset, long lengthBytes) implements ClusterRun {}

    /** Zero clusters: they read as zeros and hide the backing file. {@code entryOffset}: file offset of the first L2 entry. */
    record Zero(long entryOffset, long lengthBytes) implements ClusterRun {}

    /** Clusters without an entry in an L2 table that exists. {@code entryOffset}: file offset of the first L2 entry. */
    record Unallocated(long entryOffset, long lengthBytes) implements ClusterRun {}

    /** Clusters without an L2 table; the run ends with the table's span at the latest. */
    record NoTable(long lengthBytes) implements ClusterRun {}
}
