package io.qedstore.nbd;

import java.time.Instant;

/** Somebody else writes to the export, and only one client may; or, for now, none may. */
public final class AlreadyAttachedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean isForAll;

    AlreadyAttachedException(AttachedClient holder) {
        super("held by " + holder.name() + " since " + holder.since());
        this.isForAll = false;
    }

    /** @param until when others may come again */
    AlreadyAttachedException(Instant until) {
        super("kept until " + until + " for whoever used it where it was served before");
        this.isForAll = false;
    }

    /** @param why none may, for people, as a sentence about the image */
    AlreadyAttachedException(String why) {
        super(why);
        this.isForAll = true;
    }

    /** What whoever is not let in can do. */
    public String advice(String export) {
        if (isForAll) {
            return getMessage() + "; connect again when that is done, or read '" + export + "@latest'";
        }
        return "one client at a time may write to '" + export + "', and it is " + getMessage()
                + ": close that one, let several in with attach=shared, or read '" + export + "@latest'";
    }
}
