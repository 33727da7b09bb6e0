package io.qedstore.nbd.client;

import io.qedstore.nbd.wire.OptionReplyType;
import java.io.IOException;

/** The server has said no to an option, and why. */
public final class ExportRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean isHeld;

    ExportRefusedException(int replyType, String text) {
        super(text);
        this.isHeld = replyType == OptionReplyType.ERR_POLICY.code();
    }

    /** Whether the export is there, and others use it who do not let this client in. */
    public boolean isHeld() {
        return isHeld;
    }
}
