package io.qedstore.nbd;

import java.util.ArrayList;
import java.util.List;

/**
 * Changes whose connection has closed while they were under way. A client that reconnects sends them again, and may then
 * overwrite them; if the old one took effect after that, it would undo the newer write. So nobody new is let in until the
 * last of them is done.
 */
final class OrphanFence {
    /** Guarded by this object's monitor, as are the waiters. */
    private int orphans;

    private List<Runnable> waiters = new ArrayList<>();

    /** A connection has closed and left these changes behind. */
    synchronized void orphaned(int changes) {
        orphans += changes;
    }

    /** One of the changes that were left behind is done. */
    void done() {
        List<Runnable> ready;
        synchronized (this) {
            orphans--;
            if (orphans > 0) {
                return;
            }
            ready = waiters;
            waiters = new ArrayList<>();
        }
        ready.forEach(Runnable::run);
    }

    /** Runs something once no change of a closed connection is under way; at once if that is so now. */
    void whenClear(Runnable action) {
        synchronized (this) {
            if (orphans > 0) {
                waiters.add(action);
                return;
            }
        }
        action.run();
    }
}
