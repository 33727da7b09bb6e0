package io.qedstore.device.file;

import java.util.Locale;

/** When a write is durable; the names are qemu's. */
public enum CacheMode {
    /** Before its reply. */
    WRITETHROUGH,
    /** After the next flush. */
    WRITEBACK;

    /** The name as people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
