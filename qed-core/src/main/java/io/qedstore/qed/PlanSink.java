package io.qedstore.qed;

import io.qedstore.qed.alloc.Plan;
import java.io.IOException;

/** Takes plans as they are made. One request may make several; empty plans are not handed on. */
@FunctionalInterface
public interface PlanSink {
    /**
     * Called under the plan lock, so plans arrive in the order in which they were made. When this returns, the image's
     * {@link io.qedstore.qed.file.FileView} shows the plan's changes, unless they are {@linkplain Plan#inPlace in place}.
     *
     * @throws IOException if that is impossible; the image then goes back to what the file says
     */
    void planned(Plan plan) throws IOException;

    /** Called after {@link #planned}, without the lock, before the request returns or makes its next plan. */
    default void unlocked(Plan plan) throws IOException {}
}
