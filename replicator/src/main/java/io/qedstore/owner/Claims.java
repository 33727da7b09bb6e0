package io.qedstore.owner;

import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.fold.Fold;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Who has opened the last epoch. An owner knows its own claims by their ids: names may be shared, and of a claim whose
 * append failed no offset is known.
 */
final class Claims {
    private final OwnerSettings settings;
    private final Supplier<UUID> ids;
    private final Set<UUID> mine = new HashSet<>();
    private boolean lastIsMine;
    private boolean othersClaimed;
    private String lastNode = "";
    private Epoch lastSent = Epoch.NONE;
    private Duration othersLease = Duration.ZERO;

    Claims(OwnerSettings settings, Supplier<UUID> ids) {
        this.settings = settings;
        this.ids = ids;
    }

    /** A new claim of this owner. */
    Claim next(Fold fold, long timeMicros) {
        UUID id = ids.get();
        mine.add(id);
        Epoch epoch = fold.epoch().next();
        lastSent = epoch;
        return new Claim(
                fold.head(epoch),
                settings.nodeId(),
                id,
                timeMicros,
                settings.lease().toMillis());
    }

    /** A claim has opened its epoch. */
    void opened(Claim claim) {
        lastIsMine = mine.contains(claim.claimId());
        if (!lastIsMine) {
            othersClaimed = true;
            Duration said = Duration.ofMillis(Math.min(claim.leaseMillis(), OwnerSettings.MAX_LEASE.toMillis()));
            othersLease = said.compareTo(othersLease) > 0 ? said : othersLease;
        }
        lastNode = claim.nodeId();
    }

    boolean lastIsMine() {
        return lastIsMine;
    }

    /** Whether anybody else was seen to open an epoch. */
    boolean othersClaimed() {
        return othersClaimed;
    }

    /** The longest lease of anybody else who was seen to open an epoch. */
    Duration othersLease() {
        return othersLease;
    }

    /** Whether no claim was sent behind the one that opened this epoch, which may still come into the log. */
    boolean nothingIsUnderWay(Epoch open) {
        return lastSent.compareTo(open) <= 0;
    }

    /** The node that opened the last epoch; empty if that was before the fold began. */
    String lastNode() {
        return lastNode.isEmpty() ? "another node" : "node " + lastNode;
    }
}
