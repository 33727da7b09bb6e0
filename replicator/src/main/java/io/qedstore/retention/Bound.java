package io.qedstore.retention;

import io.qedstore.event.Sequence;

/**
 * Why the history of an image cannot begin later.
 *
 * @param what it is, for people, such as {@code snapshot before-upgrade}
 * @param floor the latest beginning that it permits
 */
public record Bound(Kind kind, String what, Sequence floor) {
    /** Why. */
    public enum Kind {
        /** Later points are not old enough to go. */
        TIME,
        /** So much of the end of the log is to stay. */
        BYTES,
        /** A snapshot pins it. */
        SNAPSHOT,
        /** A clone pins it, be it in the trash. */
        CLONE,
        /** What guests see is being made what it was there. */
        REWIND
    }
}
