package io.qedstore.log.kafka;

/** What an acknowledged record survives. */
public enum LogDurability {
    /** It is on the disks of the replicas in sync: their power may fail all at once. */
    FSYNC,
    /** It is in the memory of two brokers or more: any one of them may fail, but not all at once. */
    REPLICATED,
    /** It is in the memory of one broker's machine: the broker may fail, but not its machine. */
    PAGE_CACHE
}
