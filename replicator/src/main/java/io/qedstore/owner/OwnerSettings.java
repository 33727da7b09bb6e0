package io.qedstore.owner;

import io.qedstore.event.NodeId;
import io.qedstore.fold.Ownership;
import java.time.Duration;

/**
 * How an owner goes about it.
 *
 * @param node for people
 * @param lease for how long after an append reads may be answered, from when it was sent
 * @param retryAfter how long an owner waits before it asks a log again that did not answer
 */
public record OwnerSettings(NodeId node, Duration lease, Duration retryAfter) {
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

    public OwnerSettings {
        if (lease.isNegative() || lease.isZero() || retryAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "a lease of " + lease + " and a retry after " + retryAfter + ", expected more than nothing");
        }
        if (lease.compareTo(Ownership.MAX_LEASE) > 0) {
            throw new IllegalArgumentException("a lease of " + lease + ", expected at most " + Ownership.MAX_LEASE);
        }
    }

    public OwnerSettings(NodeId node) {
        this(node, DEFAULT_LEASE, Duration.ofSeconds(1));
    }
}
