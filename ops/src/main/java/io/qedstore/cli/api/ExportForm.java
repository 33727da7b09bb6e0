package io.qedstore.cli.api;

import java.util.Locale;

/** In what form an image's file is handed out. */
public enum ExportForm {
    /** Made for qemu: the header says that no check is needed. */
    QEMU,
    /** The file's own bytes. */
    EXACT;

    /** As the API says it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
