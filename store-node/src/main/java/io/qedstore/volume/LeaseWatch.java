package io.qedstore.volume;

import io.qedstore.device.Completion;
import io.qedstore.fold.FoldState;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether what was read is still what the image holds: as long as the lease lasts, and after that once a record is in the log that
 * was sent behind the read. One record serves all who wait for one.
 */
final class LeaseWatch {
    private final LogOwner owner;

    /** Guarded by this object's monitor. */
    private List<Completion> waiting = new ArrayList<>();

    private boolean asking;

    LeaseWatch(LogOwner owner) {
        this.owner = owner;
    }

    boolean holds() {
        return owner.holdsLease();
    }

    void whenHeld(Completion completion) {
        if (holds()) {
            completion.succeeded();
            return;
        }
        synchronized (this) {
            waiting.add(completion);
            if (asking) {
                return;
            }
            asking = true;
        }
        ask();
    }

    private void ask() {
        List<Completion> those = next();
        if (!those.isEmpty()) {
            try {
                owner.renewLease(new Acknowledgement() {
                    @Override
                    public void acknowledged(FoldState after) {
                        those.forEach(Completion::succeeded);
                        ask();
                    }

                    @Override
                    public void failed(OwnershipException cause) {
                        fail(those, cause);
                    }
                });
            } catch (OwnershipException e) {
                fail(those, e);
            }
        }
    }

    private synchronized List<Completion> next() {
        List<Completion> served = waiting;
        waiting = new ArrayList<>();
        asking = !served.isEmpty();
        return served;
    }

    private void fail(List<Completion> those, OwnershipException cause) {
        IOException failure = EventQueue.failure(cause);
        those.forEach(completion -> completion.failed(failure));
        ask();
    }
}
