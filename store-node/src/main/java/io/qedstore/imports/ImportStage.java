package io.qedstore.imports;

/** How far an import is. It only goes on, in this order, or fails. */
public enum ImportStage {
    UPLOADING,
    /** Others are being written into their logs. */
    WAITING,
    CHECKING,
    LOGGING,
    /** It is an image; the owner's and the replicas' files are being made of the log. */
    COPYING,
    DONE,
    FAILED;

    boolean isOver() {
        return this == DONE || this == FAILED;
    }
}
