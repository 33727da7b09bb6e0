package io.qedstore.owner;

import java.util.Optional;
import java.util.UUID;

/**
 * The time in which one owner has an image.
 *
 * @param id of its claims
 * @param after whose time ended directly before, with a release; empty if the owner before was lost
 */
public record Tenure(UUID id, Optional<UUID> after) {
    /**
     * Whether all that an owner has answered is here, flushed or not: it is this one, or it has released the image, which comes behind
     * all that it has answered, for this one.
     */
    public boolean hasAllOf(Tenure before) {
        return id.equals(before.id()) || after.equals(Optional.of(before.id()));
    }
}
