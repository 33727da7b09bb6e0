package io.qedstore.owner;

import java.time.Duration;

/**
 * How an owner goes about it.
 *
 * @param nodeId for people
 * @param lease for how long after an append reads may be answered, from when it was sent
 * @param retryAfter how long an owner waits before it asks a log again that did not answer
 */
public record OwnerSettings(String nodeId, Duration lease, Duration retryAfter) {
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

    /** Whoever takes an image by force waits for the other's lease, so none is longer. */
    public static final Duration MAX_LEASE = Duration.ofMinutes(10);

    public OwnerSettings {
        if (lease.isNegative() || lease.isZero() || retryAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "a lease of " + lease + " and a retry after " + retryAfter + ", expected more than nothing");
        }
        if (lease.compareTo(MAX_LEASE) > 0) {
            throw new IllegalArgumentException("a lease of " + lease + ", expected at most " + MAX_LEASE);
        }
    }

    public OwnerSettings(String nodeId) {
        this(nodeId, DEFAULT_LEASE, Duration.ofSeconds(1));
    }
}
