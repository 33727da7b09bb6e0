package io.qedstore.fold;

/** What became of the epoch that was opened last. */
public enum EpochStatus {
    /** Its owner gave the image up, or there was none yet: anybody may claim. */
    FREE,
    /** Its records count. */
    OPEN,
    /** One of its events is missing: nothing of it counts any more, but its owner may live, and answer reads for a while. */
    BROKEN
}
