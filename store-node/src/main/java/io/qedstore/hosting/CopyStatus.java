package io.qedstore.hosting;

import io.qedstore.fold.FoldState;
import java.time.Duration;
import java.util.Optional;

/**
 * How a node's copy of an image is.
 *
 * @param detail what is going on, for people; empty if all is well
 * @param folded up to where its log is folded; empty if it is not open
 * @param applied the last event that the file has
 * @param synced the last event that is on the disk for certain
 * @param verified the last event after which the log has confirmed what the file contained; 0 if none
 * @param restoredBlocks how many blocks of the file were put back since it was opened
 * @param lagRecords of the log that it knows of and has not read
 * @param lagBytes about how many bytes those have
 * @param lag how old the last event is that it has read, if there are more; else zero
 * @param pendingBytes of changes that are not in the file yet
 * @param logWait for how long the log has not answered its owner
 */
public record CopyStatus(
        Stage stage,
        Optional<String> detail,
        Optional<FoldState> folded,
        long applied,
        long synced,
        long verified,
        long restoredBlocks,
        long lagRecords,
        long lagBytes,
        Duration lag,
        long pendingBytes,
        Duration logWait) {

    /** What a copy does. */
    public enum Stage {
        /** Nobody has needed it yet. */
        CLOSED,
        OPENING,
        /** It is made from another node's. */
        SEEDING,
        /** Behind its log. */
        FOLLOWING,
        /** It wants to own the image. */
        TAKING,
        OWNING,
        /** It cannot go on. */
        FAILED
    }
}
