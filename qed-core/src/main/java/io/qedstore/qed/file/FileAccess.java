package io.qedstore.qed.file;

/** What a file is opened for, and so which of its other users are in the way. */
public enum FileAccess {
    /** To look, whatever others do to it meanwhile; what is seen may be torn. */
    PEEK,
    /** To read while nobody writes. */
    READ,
    /** To write and read while nobody else does either. */
    WRITE
}
