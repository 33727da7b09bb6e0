package io.qedstore.nbd.wire;

import org.jspecify.annotations.Nullable;

/** The requests of the transmission phase. */
public enum NbdCommand {
    READ(0),
    WRITE(1),
    DISC(2),
    FLUSH(3),
    TRIM(4),
    CACHE(5),
    WRITE_ZEROES(6),
    BLOCK_STATUS(7),
    /** Known and never offered. */
    RESIZE(8);

    private static final NbdCommand[] BY_CODE = values();

    private final int code;

    NbdCommand(int code) {
        this.code = code;
    }

    /** @return null for a number that means nothing here */
    public static @Nullable NbdCommand of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    public int code() {
        return code;
    }

    /** Whether it would change the export's bytes. */
    public boolean changes() {
        return switch (this) {
            case WRITE, TRIM, WRITE_ZEROES, RESIZE -> true;
            case READ, DISC, FLUSH, CACHE, BLOCK_STATUS -> false;
        };
    }
}
