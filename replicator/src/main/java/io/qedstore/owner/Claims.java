package io.qedstore.owner;

import io.qedstore.event.Epoch;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.Fold;
import io.qedstore.fold.Ownership;
import java.util.Optional;
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

    /** Whose the last epoch was, if it was released. */
    private Optional<UUID> released;

    private Optional<Tenure> tenure = Optional.empty();

    /** @param before who had the image when this owner was made */
    Claims(OwnerSettings settings, UUID id, Ownership before) {
        this.settings = settings;
        this.id = id;
        this.released = before.status() == EpochStatus.FREE ? Optional.of(before.tenure()) : Optional.empty();
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
        if (lastIsMine && tenure.isEmpty()) {
            tenure = Optional.of(new Tenure(id, released));
        }
        released = Optional.empty();
    }

    /** An epoch was given up in order. */
    void released(Ownership last) {
        released = Optional.of(last.tenure());
    }

    /** Empty before a claim of this owner has counted. */
    Optional<Tenure> tenure() {
        return tenure;
    }

    boolean lastIsMine() {
        return lastIsMine;
    }

    /** Whether no claim was sent behind the one that opened this epoch, which may still come into the log. */
    boolean nothingIsUnderWay(Epoch open) {
        return lastSent.compareTo(open) <= 0;
    }
}
