package io.qedstore.index;

/** What has become of an image. */
public enum ImageLife {
    /** Its name is its own. */
    LIVE,
    /** Deleted, and can come back; its name is free. */
    TRASHED,
    /** Gone for ever. It stays known, so that nodes that were away remove their files and its id is not given again. */
    PURGED
}
