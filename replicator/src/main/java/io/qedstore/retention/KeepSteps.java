package io.qedstore.retention;

/** Hears of each step, right after it was taken, and may end all by an exception: what is there then is what a kill leaves. */
@FunctionalInterface
public interface KeepSteps {
    /** What was done. */
    enum Step {
        /** That a checkpoint was made is in the catalog. */
        MADE_SAID,
        /** That one is dropped is in the catalog. */
        DROP_SAID,
        /** One that was dropped is gone from its store. */
        DELETED,
        /** What was of an image that is gone for ever is gone, too. */
        FORGOTTEN
    }

    /** Hears nothing. */
    KeepSteps NONE = step -> {};

    void taken(Step step);
}
