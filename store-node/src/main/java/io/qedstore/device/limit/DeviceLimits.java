package io.qedstore.device.limit;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What may be done with a device at most; empty: no limit. Counted is as qemu's throttle filter does: each read, write, zero
 * write, trim and cache request is a request, and the bytes of its range count in full, also where no data go over the wire. A
 * request over more bytes than the burst begins when the whole burst is there, and those that come later wait for the rest.
 */
public record DeviceLimits(Optional<Rate> requests, Optional<Rate> bytes) {
    public static final DeviceLimits NONE = new DeviceLimits(Optional.empty(), Optional.empty());

    /** The largest request that carries data. */
    static final long LARGEST_REQUEST_BYTES = 32L << 20;

    /** With bursts of what one second allows, and of at least one largest request. */
    public static DeviceLimits of(OptionalLong requestsPerSecond, OptionalLong bytesPerSecond) {
        return new DeviceLimits(rate(requestsPerSecond, 1), rate(bytesPerSecond, LARGEST_REQUEST_BYTES));
    }

    private static Optional<Rate> rate(OptionalLong perSecond, long minBurst) {
        return perSecond.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rate(perSecond.getAsLong(), Math.max(minBurst, perSecond.getAsLong())));
    }
}
