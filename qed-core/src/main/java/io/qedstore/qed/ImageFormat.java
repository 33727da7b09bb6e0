package io.qedstore.qed;

/** How a file is to be read as a disk. */
public enum ImageFormat {
    /** The file's bytes are the disk's. */
    RAW,
    QED,
    /** QED if it starts with QED's magic, refused if it starts with another format's, raw otherwise. */
    PROBE
}
