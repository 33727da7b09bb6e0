package io.qedstore.rebuild;

import java.io.IOException;

/** Hears how a rebuild goes on, and ends it by an exception: what is there then is what a kill leaves. */
public interface RebuildWatcher {
    /** What has just been done. */
    enum Step {
        /** A piece of a checkpoint was copied. */
        RESTORING,
        /** A checkpoint was copied, all of it. */
        RESTORED,
        /** An event was applied. */
        APPLIED,
        /** All was synced, before that is noted. */
        SYNCED,
        /** How far it has come was noted. */
        STORED,
        /** The file is as it should be. */
        WHOLE,
        /** It has its name. */
        NAMED
    }

    /** Watches nothing. */
    RebuildWatcher NONE = new RebuildWatcher() {};

    /** Events are about to be applied, up to the one with this number; where all are wanted, the log has a few less. */
    default void begun(long mostEvents) {}

    /** Bytes of a checkpoint were copied. */
    default void copied(int bytes) throws IOException {}

    /** About so many bytes of the log are being applied. */
    default void redone(long bytes) throws IOException {}

    default void at(Step step, long sequence) throws IOException {}
}
