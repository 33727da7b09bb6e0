package io.qedstore.event;

/** What a node does for images. */
public enum NodeRole {
    /** It can own images: append to their logs, and serve them for writing. */
    OWNER,
    /** It can follow the logs of images into files of its own. */
    REPLICA
}
