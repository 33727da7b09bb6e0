package io.qedstore.qed.check;

import java.io.IOException;

/** The check would need more memory for its bitmap than it was given. */
public final class CheckLimitException extends IOException {
    private static final long serialVersionUID = 1L;

    CheckLimitException(long limitBytes) {
        super("the clusters that the tables point to lie so far apart that their bitmap needs more than " + limitBytes
                + " bytes of memory; give the program a larger heap (-Xmx) if the file is what it claims to be");
    }
}
