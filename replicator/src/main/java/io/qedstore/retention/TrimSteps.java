package io.qedstore.retention;

/** Hears of each step, right after it was taken, and may end all by an exception: what is there then is what a kill leaves. */
@FunctionalInterface
public interface TrimSteps {
    /** What was done. */
    enum Step {
        /** What comes next is decided. */
        DECIDED,
        /** The floor is in the catalog, and folded back. */
        FLOOR_SAID,
        /** The log begins later. */
        CUT
    }

    /** Hears nothing. */
    TrimSteps NONE = step -> {};

    void taken(Step step);
}
