package io.qedstore.fold;

import io.qedstore.event.LogRecord.Event;
import io.qedstore.simulation.Bug;

/** A fold with a mistake in it, if one is asked for. */
public final class BuggyFold extends Fold {
    private final Bug bug;

    public BuggyFold(FoldTip tip, Bug bug) {
        super(tip);
        this.bug = bug;
    }

    @Override
    boolean isOpen(long recordEpoch) {
        return bug == Bug.SKIP_EPOCH_CHECK || super.isOpen(recordEpoch);
    }

    @Override
    boolean continuesChain(Event event) {
        return bug == Bug.IGNORE_PREVIOUS_DIGEST || super.continuesChain(event);
    }
}
