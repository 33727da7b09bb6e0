package io.qedstore.event;

import java.util.OptionalLong;

/** How an image is served, as its people want it. */
public record ImageSettings(
        CacheMode cache, AttachMode attach, FailoverMode failover, Limits limits, Retention retention) {
    /** Where nobody asked for anything else. */
    public static final ImageSettings DEFAULT =
            new ImageSettings(CacheMode.WRITETHROUGH, AttachMode.EXCLUSIVE, FailoverMode.MANUAL, Limits.NONE);

    /** Of an image whose whole history is kept. */
    public ImageSettings(CacheMode cache, AttachMode attach, FailoverMode failover, Limits limits) {
        this(cache, attach, failover, limits, Retention.KEEP_ALL);
    }

    public ImageSettings withRetention(Retention wanted) {
        return new ImageSettings(cache, attach, failover, limits, wanted);
    }

    /** When a write is durable; the names are qemu's. */
    public enum CacheMode {
        /** Before its reply. */
        WRITETHROUGH,
        /** After the next flush. */
        WRITEBACK
    }

    /** How many clients may write at a time. */
    public enum AttachMode {
        /** One. */
        EXCLUSIVE,
        /** Several, which have to agree among themselves. */
        SHARED
    }

    /** Who makes a replica the owner, if the owner is lost. */
    public enum FailoverMode {
        /** People. */
        MANUAL,
        /** The nodes themselves. */
        AUTO
    }

    /**
     * What clients may do at most.
     *
     * @param iops requests in a second; empty: no limit
     * @param bytesPerSecond read and written; empty: no limit
     */
    public record Limits(OptionalLong iops, OptionalLong bytesPerSecond) {
        public static final Limits NONE = new Limits(OptionalLong.empty(), OptionalLong.empty());

        public Limits {
            requirePositive(iops, "requests");
            requirePositive(bytesPerSecond, "bytes");
        }

        private static void requirePositive(OptionalLong limit, String what) {
            if (limit.isPresent() && limit.getAsLong() < 1) {
                throw new IllegalArgumentException(
                        "a limit of " + limit.getAsLong() + " " + what + " in a second, expected 1 or more, or none");
            }
        }
    }
}
