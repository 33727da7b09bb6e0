package io.qedstore.nbd;

import java.io.IOException;

/** A request turned out to be one that is refused. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    RefusedException(Refusal refusal) {
        super(refusal.text());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
