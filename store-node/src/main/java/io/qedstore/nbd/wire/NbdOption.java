package io.qedstore.nbd.wire;

import org.jspecify.annotations.Nullable;

/** What a client may ask for in the handshake. */
public enum NbdOption {
    EXPORT_NAME(1),
    ABORT(2),
    LIST(3),
    STARTTLS(5),
    INFO(6),
    GO(7),
    STRUCTURED_REPLY(8),
    LIST_META_CONTEXT(9),
    SET_META_CONTEXT(10),
    EXTENDED_HEADERS(11);

    private final int code;

    NbdOption(int code) {
        this.code = code;
    }

    /** @return null for a number that means nothing here */
    public static @Nullable NbdOption of(int code) {
        for (NbdOption option : values()) {
            if (option.code == code) {
                return option;
            }
        }
        return null;
    }

    public int code() {
        return code;
    }
}
