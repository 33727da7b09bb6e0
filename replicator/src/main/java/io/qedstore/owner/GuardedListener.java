package io.qedstore.owner;

import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener whose mistakes are its own: what it throws is logged, and the owner goes on. */
final class GuardedListener implements OwnerListener {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

    private final OwnerListener listener;

    GuardedListener(OwnerListener listener) {
        this.listener = listener;
    }

    @Override
    public void owned(FoldState state) {
        guard(() -> listener.owned(state));
    }

    @Override
    public boolean hasRoom() {
        boolean[] room = {true};
        guard(() -> room[0] = listener.hasRoom());
        return room[0];
    }

    @Override
    public void waiting(LogException cause) {
        guard(() -> listener.waiting(cause));
    }

    @Override
    public void ended(OwnershipException cause) {
        guard(() -> listener.ended(cause));
    }

    /** Calls somebody who must not throw. */
    static void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.error("a callback of an owner has thrown; please report this", e);
        }
    }
}
