package io.qedstore.simulation;

/** Mistakes that the simulation must find. */
public enum Bug {
    NONE,
    /** Events of any epoch count. */
    SKIP_EPOCH_CHECK,
    /** An owner does not mind that somebody else has written. */
    ACKNOWLEDGE_ON_GAP,
    /** An owner does not fold what came in front of its renewed claim. */
    DECIDE_BEFORE_CLAIM,
    /** Stored positions do not say which epoch is open. */
    FORGET_EPOCH,
    /** An owner puts its events into the file as it sends them. */
    APPLY_BEFORE_ACKNOWLEDGEMENT,
    /** The file does not wait for the ceiling. */
    APPLY_ABOVE_CEILING,
    /** An event counts whatever it was written behind. */
    IGNORE_PREVIOUS_DIGEST,
    /** Whoever takes an image by force waits for as long as its own lease lasts. */
    WAIT_FOR_OWN_LEASE,
    /** Whoever takes an image by force does not mind what came between what it had followed and its claim. */
    WAIT_FROM_WHAT_WAS_FOLLOWED,
    /** The position is stored first and the file synced then. */
    SYNC_AFTER_PROGRESS
}
