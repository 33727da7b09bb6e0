package io.qedstore.owner;

import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.fold.Fold;
import java.util.UUID;

/**
 * An owner's claims, and whether the last epoch is its own. It knows its claims by their id: names may be shared, and of a claim
 * whose append failed no offset is known.
 */
final class Claims {
    private final OwnerSettings settings;
    private final UUID id;
    private boolean lastIsMine;
    private Epoch lastSent = Epoch.NONE;

    Claims(OwnerSettings settings, UUID id) {
        this.settings = settings;
        this.id = id;
    }

    /** A new claim of this owner. */
    Claim next(Fold fold, long timeMicros) {
        lastSent = fold.epoch().next();
        return new Claim(
                fold.head(lastSent),
                settings.node(),
                id,
                timeMicros,
                settings.lease().toMillis());
    }

    /** A claim has opened its epoch. */
    void opened(Claim claim) {
        lastIsMine = claim.claimId().equals(id);
    }

    boolean lastIsMine() {
        return lastIsMine;
    }

    /** Whether no claim was sent behind the one that opened this epoch, which may still come into the log. */
    boolean nothingIsUnderWay(Epoch open) {
        return lastSent.compareTo(open) <= 0;
    }
}
