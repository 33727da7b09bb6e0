package io.qedstore.device;

/** Whether a request may wait for a disk. */
public enum Patience {
    /** It must not: the calling thread has others to serve. */
    NOW,
    /** It may. */
    WAIT
}
