package io.qedstore.owner;

import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.fold.Fold;
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

    Claims(OwnerSettings settings, Supplier<UUID> ids) {
        this.settings = settings;
        this.ids = ids;
    }

    /** A new claim of this owner. */
    Claim next(Fold fold, long timeMicros) {
        UUID id = ids.get();
        mine.add(id);
        Epoch epoch = fold.epoch().next();
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
        othersClaimed |= !lastIsMine;
        lastNode = claim.nodeId();
    }

    boolean lastIsMine() {
        return lastIsMine;
    }

    /** Whether anybody else was seen to open an epoch. */
    boolean othersClaimed() {
        return othersClaimed;
    }

    /** The node that opened the last epoch; empty if that was before the fold began. */
    String lastNode() {
        return lastNode.isEmpty() ? "another node" : "node " + lastNode;
    }
}
