package io.qedstore.device.file;

/** When a write is durable; the names are qemu's. */
public enum CacheMode {
    /** Before its reply. */
    WRITETHROUGH,
    /** After the next flush. */
    WRITEBACK
}
