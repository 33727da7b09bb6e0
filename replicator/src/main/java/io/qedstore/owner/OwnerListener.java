package io.qedstore.owner;

import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;

/** Hears of the turns in an owner's life. Called by any thread, while the owner's lock is held: must not wait. */
public interface OwnerListener {
    /**
     * The image is this owner's, and may be written. Every event before was handed on. Whether reads may be answered is for
     * {@link LogOwner#holdsLease} to say.
     *
     * @param state behind the claim
     */
    void owned(FoldState state);

    /** Whether more events may be handed on that lie in the log. If not, {@link LogOwner#tick} asks again. */
    default boolean hasRoom() {
        return true;
    }

    /** The log does not answer, or not as it should: nothing is acknowledged until it does. Called at each try. */
    void waiting(LogException cause);

    /** It is over; every pending event was failed. */
    void ended(OwnershipException cause);
}
