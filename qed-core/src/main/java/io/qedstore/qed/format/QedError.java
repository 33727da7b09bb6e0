package io.qedstore.qed.format;

/** What can be wrong with a QED file, with the sentence that qemu's driver has for it, in the order of its checks. */
public enum QedError {
    NOT_QED(Errno.EINVAL, "Image not in QED format"),
    UNSUPPORTED_FEATURES(Errno.ENOTSUP, "Unsupported QED features:"),
    CLUSTER_SIZE(Errno.EINVAL, "QED cluster size is invalid"),
    TABLE_SIZE(Errno.EINVAL, "QED table size is invalid"),
    IMAGE_SIZE(Errno.EINVAL, "QED image size is invalid"),
    TABLE_OFFSET(Errno.EINVAL, "QED table offset is invalid"),
    HEADER_SIZE(Errno.EINVAL, "QED header size is too large"),
    BACKING_FILENAME_OFFSET(Errno.EINVAL, "QED backing filename offset is invalid"),
    BACKING_FILENAME_UNREADABLE(Errno.EINVAL, "Failed to read backing filename"),
    TOO_LARGE(Errno.EFBIG, "Could not refresh total sector count: File too large"),

    /** Found on use, not at open: the entry is neither free, zero, nor the offset of a cluster in the file. */
    TABLE_ENTRY(Errno.EINVAL, "Invalid argument"),

    /** The chain of backing files is longer than the limit, or comes back to a file it has passed. */
    BACKING_CHAIN(Errno.EINVAL, "Could not open backing file"),

    /** A change of the header that the format cannot hold. */
    BACKING_FILE_CHANGE(Errno.EINVAL, "Could not change the backing file"),
    RESIZE(Errno.EINVAL, "Invalid image size specified"),
    LAYOUT(Errno.ENOTSUP, "Could not convert the header layout");

    private final Errno errno;
    private final String text;

    QedError(Errno errno, String text) {
        this.errno = errno;
        this.text = text;
    }

    /** The errno unless the exception names another. */
    public Errno errno() {
        return errno;
    }

    public String text() {
        return text;
    }
}
