package io.qedstore.fold;

/** What a record of a log is worth. */
public enum Verdict {
    /** An event that counts: it is to be applied. */
    APPLIED,
    /** A claim that opened its epoch. */
    OPENED,
    /** A release that ended its epoch. */
    RELEASED,
    /** The owner was still there. */
    LEASED,

    /** A claim of an epoch that is opened already, or too high. */
    LOST_CLAIM,
    /** Of an ownership that is over, or has never begun. */
    OTHER_EPOCH,
    /** Of the open epoch, and seen before. */
    DUPLICATE,
    /** Of the open epoch, and an event before it is missing: the epoch is over. */
    TOO_HIGH,
    /** Of the open epoch, and not written behind the event that is before it: the epoch is over. */
    WRONG_DIGEST,
    /** No record at all. */
    JUNK;

    /** Whether the record does nothing, so that it is only counted. */
    public boolean isVoid() {
        return compareTo(LOST_CLAIM) >= 0;
    }
}
