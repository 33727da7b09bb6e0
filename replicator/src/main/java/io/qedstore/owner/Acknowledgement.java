package io.qedstore.owner;

import io.qedstore.fold.FoldState;

/**
 * What became of an event. Exactly one of the methods is called, once, in the order of the events, by any thread, while the
 * owner's lock is held: it must not wait.
 */
public interface Acknowledgement {
    /**
     * The event counts, for everybody and for good.
     *
     * @param after the place in the log behind it
     */
    void acknowledged(FoldState after);

    /** This owner will not write it; whether it counts is for the next owner to find out. */
    void failed(OwnershipException cause);
}
