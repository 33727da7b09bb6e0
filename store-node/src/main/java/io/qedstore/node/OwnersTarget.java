package io.qedstore.node;

import io.qedstore.route.Target;

/** A node that owns the image, as it says. */
interface OwnersTarget extends Target {
    OwnerDescription owner();

    @Override
    default boolean isWritethrough() {
        return owner().isWritethrough();
    }

    @Override
    default boolean hasAllOf(Target before) {
        return before instanceof OwnersTarget other && owner().hasAllOf(other.owner());
    }
}
