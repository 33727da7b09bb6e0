package io.qedstore.event;

import java.util.OptionalLong;

/**
 * How much of an image's history its people want to keep. What either limit wants is kept; without any limit, all.
 *
 * @param keepSeconds points that are no older
 * @param keepBytes so much of the end of the log
 */
public record Retention(OptionalLong keepSeconds, OptionalLong keepBytes) {
    public static final Retention KEEP_ALL = new Retention(OptionalLong.empty(), OptionalLong.empty());

    public Retention {
        requirePositive(keepSeconds, "seconds");
        requirePositive(keepBytes, "bytes");
    }

    private static void requirePositive(OptionalLong limit, String what) {
        if (limit.isPresent() && limit.getAsLong() < 1) {
            throw new IllegalArgumentException(
                    "a history of " + limit.getAsLong() + " " + what + ", expected 1 or more, or no limit");
        }
    }

    /** Whether anything may be given up at all. */
    public boolean isLimited() {
        return keepSeconds.isPresent() || keepBytes.isPresent();
    }
}
