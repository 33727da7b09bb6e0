package io.qedstore.owner;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an owner has to write: first what was sent and is not acknowledged, in its order, then what waits to be sent. Guarded
 * by the owner's lock.
 */
final class Outbox {
    private final Deque<PendingRecord> sent = new ArrayDeque<>();
    private final Deque<PendingRecord> unsent = new ArrayDeque<>();

    void add(PendingRecord record) {
        unsent.add(record);
    }

    boolean isEmpty() {
        return sent.isEmpty() && unsent.isEmpty();
    }

    boolean hasSent() {
        return !sent.isEmpty();
    }

    /** How many events are in it. */
    long events() {
        return all().stream()
                .filter(record -> record.kind == PendingRecord.Kind.EVENT)
                .count();
    }

    /** The next to be sent, which counts as sent from now on; null if there is none, or it has to wait for those before. */
    @Nullable
    PendingRecord send(boolean alone) {
        PendingRecord next = unsent.peek();
        if (next == null || (hasSent() && (alone || next.kind == PendingRecord.Kind.RELEASE))) {
            return null;
        }
        unsent.remove();
        sent.add(next);
        return next;
    }

    /** The first that was sent; null if there is none. */
    @Nullable
    PendingRecord firstSent() {
        return sent.peek();
    }

    void removeFirstSent() {
        sent.remove();
    }

    /** Sends leases anew that were sent: whether those are in the log does not matter. */
    void takeBackLeases() {
        for (Iterator<PendingRecord> last = sent.descendingIterator(); last.hasNext(); ) {
            PendingRecord record = last.next();
            if (record.kind == PendingRecord.Kind.LEASE) {
                last.remove();
                unsent.addFirst(record);
            }
        }
    }

    /** Sends everything anew. */
    void takeBackAll() {
        for (Iterator<PendingRecord> last = sent.descendingIterator(); last.hasNext(); ) {
            unsent.addFirst(last.next());
        }
        sent.clear();
    }

    /** Takes out everything. */
    List<PendingRecord> drain() {
        List<PendingRecord> all = all();
        sent.clear();
        unsent.clear();
        return all;
    }

    private List<PendingRecord> all() {
        List<PendingRecord> all = new ArrayList<>(sent);
        all.addAll(unsent);
        return all;
    }
}
