package io.qedstore.volume;

import io.qedstore.device.Completion;
import io.qedstore.device.Payload;
import io.qedstore.event.EventBody;
import io.qedstore.event.Operation;
import io.qedstore.qed.change.QedChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An event from its first plan until it is in the file. Guarded by the lock of its {@link EventQueue}. */
final class PendingEvent {
    final long sequence;
    final boolean flushBefore;
    private final List<QedChange> changes = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final List<Payload> payloads = new ArrayList<>();
    private List<Completion> waiting = List.of();
    private long bytes;

    /** Nothing more comes into it. */
    boolean sealed;

    boolean acknowledged;

    PendingEvent(long sequence, boolean flushBefore) {
        this.sequence = sequence;
        this.flushBefore = flushBefore;
    }

    void add(List<QedChange> more, Operation operation, long moreBytes) {
        changes.addAll(more);
        operations.add(operation);
        bytes += moreBytes;
    }

    /** Has to be let go with the event. */
    void keeps(Payload payload) {
        payload.keep();
        payloads.add(payload);
    }

    void whenAcknowledged(Completion completion) {
        if (waiting.isEmpty()) {
            waiting = new ArrayList<>();
        }
        waiting.add(completion);
    }

    /** Those who wait for its acknowledgement; they are the caller's to tell, once. */
    List<Completion> takeWaiting() {
        List<Completion> taken = waiting;
        waiting = List.of();
        return taken;
    }

    /** How many have come into it. */
    int plans() {
        return operations.size();
    }

    /** Bytes of memory that it holds. */
    long bytes() {
        return bytes;
    }

    EventBody body() {
        return new EventBody(flushBefore, operations, Optional.empty(), Optional.empty(), changes, Optional.empty());
    }

    void letGo() {
        payloads.forEach(Payload::letGo);
        payloads.clear();
    }
}
