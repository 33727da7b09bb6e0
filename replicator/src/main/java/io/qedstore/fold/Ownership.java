package io.qedstore.fold;

import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.event.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * Who has the image, as the log says it.
 *
 * @param epoch the last that was opened
 * @param status whether records of that epoch count, and if not, why
 * @param node that opened it; empty if none was
 * @param tenure the id of the claims of whoever opened it, the same in all of them
 * @param lease for how long after an append this owner may answer reads
 * @param othersLease how long another node that had it before may answer reads after its last append; zero once this one has
 *     appended anything, since it does so only when that is over
 */
public record Ownership(
        Epoch epoch, EpochStatus status, Optional<NodeId> node, UUID tenure, Duration lease, Duration othersLease) {
    /** Whoever takes an image by force waits for the other's lease, so none is taken for longer. */
    public static final Duration MAX_LEASE = Duration.ofMinutes(10);

    /** Of an image that nobody has claimed yet. */
    public static final Ownership NONE =
            new Ownership(Epoch.NONE, EpochStatus.FREE, Optional.empty(), new UUID(0, 0), Duration.ZERO, Duration.ZERO);

    public Ownership {
        if (node.isEmpty() != epoch.equals(Epoch.NONE)) {
            throw new IllegalArgumentException("epoch " + epoch + ", opened by " + node);
        }
        requireLease(lease);
        requireLease(othersLease);
    }

    private static void requireLease(Duration lease) {
        if (lease.isNegative() || lease.compareTo(MAX_LEASE) > 0) {
            throw new IllegalArgumentException("a lease of " + lease + ", expected at most " + MAX_LEASE);
        }
    }

    /** Behind a claim that counts. */
    Ownership claimed(Claim claim) {
        Duration said = Duration.ofMillis(Math.min(claim.leaseMillis(), MAX_LEASE.toMillis()));
        return new Ownership(
                claim.head().epoch(),
                EpochStatus.OPEN,
                Optional.of(claim.node()),
                claim.claimId(),
                said,
                othersLeaseFor(claim.node()));
    }

    /** A node is one process: where it claims what it had, nobody else holds a lease that did not hold one before. */
    private Duration othersLeaseFor(NodeId claiming) {
        if (status == EpochStatus.FREE) {
            return Duration.ZERO;
        }
        boolean isItsOwn = node.filter(claiming::equals).isPresent();
        return isItsOwn || lease.compareTo(othersLease) < 0 ? othersLease : lease;
    }

    /** Behind a record of the owner that counts. */
    Ownership appended() {
        return othersLease.isZero() ? this : new Ownership(epoch, status, node, tenure, lease, Duration.ZERO);
    }

    Ownership with(EpochStatus now) {
        return new Ownership(epoch, now, node, tenure, lease, othersLease);
    }
}
