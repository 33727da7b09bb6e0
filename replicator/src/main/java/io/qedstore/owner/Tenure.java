package io.qedstore.owner;

import io.qedstore.event.Epoch;
import java.util.Optional;

/**
 * The time in which one owner has an image, which others follow.
 *
 * @param epoch the last that it has opened
 * @param after the epoch that was released directly before the first that it has opened; empty if its owner was lost
 */
public record Tenure(Epoch epoch, Optional<Epoch> after) {
    /**
     * Whether all that an owner has answered is here, flushed or not: it is this one, or it has released the image, which comes behind
     * all that it has answered, for this one.
     */
    public boolean hasAllOf(Tenure before) {
        return equals(before) || after.equals(Optional.of(before.epoch()));
    }
}
