package io.qedstore.nbd;

/** Somebody else writes to the export, and only one client may. */
final class AlreadyAttachedException extends Exception {
    private static final long serialVersionUID = 1L;

    AlreadyAttachedException(AttachedClient holder) {
        super("held by " + holder.name() + " since " + holder.since());
    }
}
