package io.qedstore.volume;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.fold.FoldState;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether what was read is still what the image holds: as long as the lease lasts, and after that once a record is in the log that
 * was sent behind the read. One record serves all who wait for one.
 */
final class LeaseWatch {
    private final LogOwner owner;

    // ---- guarded by this object's monitor

    /** Those for whom a record is under way. */
    private List<Completion> served = List.of();

    /** Those who came since. */
    private List<Completion> waiting = new ArrayList<>();

    private boolean asking;
    private int ticks;

    /** Why all fail at the moment: the log does not answer. */
    private @Nullable IOException stalled;

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
        IOException failure;
        boolean first;
        synchronized (this) {
            failure = stalled;
            first = failure == null && !asking;
            if (failure == null) {
                waiting.add(completion);
                asking = true;
            }
        }
        if (failure != null) {
            completion.failed(failure);
        } else if (first) {
            ask();
        }
    }

    private void ask() {
        if (!begin()) {
            return;
        }
        try {
            owner.renewLease(new Acknowledgement() {
                @Override
                public void acknowledged(FoldState after) {
                    takeServed().forEach(Completion::succeeded);
                    ask();
                }

                @Override
                public void failed(OwnershipException cause) {
                    fail(cause);
                }
            });
        } catch (OwnershipException e) {
            fail(e);
        }
    }

    /** @return whether anybody waits */
    private synchronized boolean begin() {
        served = waiting;
        waiting = new ArrayList<>();
        asking = !served.isEmpty();
        ticks = 0;
        return asking;
    }

    private synchronized List<Completion> takeServed() {
        List<Completion> those = served;
        served = List.of();
        stalled = null;
        return those;
    }

    private void fail(OwnershipException cause) {
        IOException failure = EventQueue.failure(cause);
        takeServed().forEach(completion -> completion.failed(failure));
        ask();
    }

    /**
     * Called once a second. If a record is under way for too long, all who wait for it fail, and so does whoever comes until it is
     * in the log.
     *
     * @param patienceSeconds 0 for ever
     */
    void tick(long patienceSeconds) {
        List<Completion> late;
        IOException failure;
        synchronized (this) {
            ticks = asking ? ticks + 1 : 0;
            if (patienceSeconds == 0 || ticks < patienceSeconds) {
                return;
            }
            failure = new BlockDeviceException(
                    DeviceError.IO,
                    "the log has not answered for " + patienceSeconds
                            + " s (log.timeout), and what was read may be old");
            stalled = failure;
            late = new ArrayList<>(served);
            late.addAll(waiting);
            served = List.of();
            waiting = new ArrayList<>();
        }
        late.forEach(completion -> completion.failed(failure));
    }
}
