package io.qedstore.nbd;

import java.time.Instant;

/** Somebody else writes to the export, and only one client may. */
public final class AlreadyAttachedException extends Exception {
    private static final long serialVersionUID = 1L;

    AlreadyAttachedException(AttachedClient holder) {
        super("held by " + holder.name() + " since " + holder.since());
    }

    /** @param until when others may come again */
    AlreadyAttachedException(Instant until) {
        super("kept until " + until + " for whoever used it where it was served before");
    }

    /** What whoever is not let in can do. */
    public String advice(String export) {
        return "one client at a time may write to '" + export + "', and it is " + getMessage()
                + ": close that one, let several in with attach=shared, or read '" + export + "@latest'";
    }
}
