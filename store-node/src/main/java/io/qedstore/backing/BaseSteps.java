package io.qedstore.backing;

import java.io.IOException;

/** Hears of each step, right after it was taken, and may end all by an exception: what is there then is what a kill leaves. */
@FunctionalInterface
public interface BaseSteps {
    /** What was done. */
    enum Step {
        /** The digests of the file's blocks have their name. */
        SUMMED,
        /** So has the file. */
        REBUILT,
        /** It is said that both are whole. */
        SEALED,
        /** That is not said any more. */
        UNSEALED,
        /** A file is gone. */
        REMOVED
    }

    /** Hears nothing. */
    BaseSteps NONE = step -> {};

    void taken(Step step) throws IOException;
}
