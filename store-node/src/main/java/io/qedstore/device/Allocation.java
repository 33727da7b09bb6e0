package io.qedstore.device;

/** What a stretch of a disk holds. */
public enum Allocation {
    /** Bytes that have their space. */
    DATA,
    /** Nothing that takes space; it reads as zeros. */
    HOLE
}
