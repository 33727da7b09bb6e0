package io.qedstore.qed.copy;

/** Hears how far a copy is. */
@FunctionalInterface
public interface CopyProgress {
    CopyProgress NONE = (doneBytes, totalBytes) -> {};

    /** Guest bytes that are dealt with, of all. */
    void at(long doneBytes, long totalBytes);
}
