package io.qedstore.device;

/** When a write has to be on stable storage. */
public enum Durability {
    /** By the next flush. */
    ON_FLUSH,
    /** Before it completes: forced unit access. */
    ON_COMPLETION
}
