package io.qedstore.volume;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Payload;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.EventBody;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentRecord;
import io.qedstore.fold.FoldState;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.alloc.Plan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The events of one image on their way: plans come in as they are made, go out as events in that order, are acknowledged in that
 * order, and leave when they are in the file.
 *
 * <p>One event alone goes out at once. While others are on their way, plans gather in the next one until it holds as many as
 * are on their way: a few at a time cost no time, and many cost few events, which is what the log charges for.
 *
 * <p>Everything is under this object's lock, which is never held while the log's owner is called; the owner calls back with its
 * own lock held.
 */
final class EventQueue {
    /** So many events are on their way at most. */
    private static final int MAX_UNDER_WAY = 8;

    /** Plans gather in an event up to this many bytes; a single one may have more. */
    private static final long MAX_SHARED_BYTES = 256 << 10;

    private final LogOwner owner;
    private final Overlay overlay;
    private final PendingBudget budget;
    private final ContentRecord content;

    /** Of the newest event. */
    private long lastSequence;

    /** Those that are not in the file, in order. */
    private final Deque<PendingEvent> pending = new ArrayDeque<>();

    /** The last of those, which did not go out yet. */
    private final Deque<PendingEvent> unsent = new ArrayDeque<>();

    private int underWay;
    private int plansUnderWay;
    private boolean sending;
    /** A flush was asked for behind the last event. */
    private boolean flushed;

    /** All events up to this one lie before a flush that an event speaks of. */
    private long markedSequence;

    /** The last event that is acknowledged, this queue's or one before. */
    private long acknowledgedSequence;

    private long lastSeen;

    /** The last event that changes anything. */
    private long lastChange;

    /** An event has said what the file contained after this one. */
    private long saidSequence;

    /** The next event says what the file contains, if that is known. */
    private boolean contentIsDue = true;

    /** Somebody wants that to be said again, though nothing has changed since. */
    private boolean contentIsWanted;

    private long pendingBytes;
    private @Nullable IOException end;

    /** It has ended in order, and nothing was lost: whoever asks is told that all is durable. */
    private boolean releasedWhole;

    /** Why nothing more comes in, once the image is to be released. */
    private @Nullable IOException leaving;

    private final List<Completion> leavers = new ArrayList<>();

    /** The event that the log was asked for and had not taken at the last tick, and for how many ticks. */
    private @Nullable PendingEvent stuck;

    private int stuckTicks;

    /** Why requests fail at the moment: the log does not answer. */
    private @Nullable IOException stalled;

    /**
     * @param last the event behind which this queue's come
     * @param content of the image's file, which events speak of now and then
     */
    EventQueue(LogOwner owner, Overlay overlay, PendingBudget budget, Sequence last, ContentRecord content) {
        this.owner = owner;
        this.content = content;
        this.overlay = overlay;
        this.budget = budget;
        this.lastSequence = last.value();
        this.markedSequence = lastSequence;
        this.acknowledgedSequence = lastSequence;
    }

    // ---- plans in

    /**
     * Takes a plan; called under the plan lock. When it returns the overlay shows it.
     *
     * @param payload whose bytes the plan's changes refer to; null if none
     * @return the event that it goes into
     */
    synchronized PendingEvent add(Plan plan, Operation operation, @Nullable Payload payload) throws IOException {
        requireOpen();
        long bytes = EventBody.maxEncodedBytes(plan.changes());
        PendingEvent event = eventFor(bytes);
        overlay.add(event.sequence, plan.changes());
        event.add(plan.changes(), operation, bytes);
        lastChange = event.sequence;
        if (payload != null) {
            event.keeps(payload);
        }
        pendingBytes += bytes;
        budget.take(bytes);
        return event;
    }

    private PendingEvent eventFor(long bytes) {
        PendingEvent last = unsent.peekLast();
        if (last != null && !last.sealed && last.bytes() + bytes <= MAX_SHARED_BYTES) {
            return last;
        }
        return newEvent();
    }

    private PendingEvent newEvent() {
        if (flushed) {
            markedSequence = lastSequence;
        }
        PendingEvent event = new PendingEvent(++lastSequence, flushed);
        flushed = false;
        pending.add(event);
        unsent.add(event);
        return event;
    }

    synchronized Sequence acknowledged() {
        return new Sequence(acknowledgedSequence);
    }

    /** Bytes of memory that events hold which are not in the file yet. */
    synchronized long pendingBytes() {
        return pendingBytes;
    }

    private void requireOpen() throws IOException {
        IOException ended = end != null ? end : leaving;
        if (ended != null) {
            throw ended;
        }
    }

    /** Completes once an event is acknowledged. */
    void whenAcknowledged(PendingEvent event, Completion completion) {
        IOException failure;
        synchronized (this) {
            failure = event.acknowledged ? null : failure();
            if (failure == null && !event.acknowledged) {
                event.whenAcknowledged(completion);
                return;
            }
        }
        tell(completion, failure);
    }

    /** Completes once all that came in before is acknowledged. The next event says that there was a flush before it. */
    void flush(Completion completion) {
        synchronized (this) {
            flushed |= lastSequence > markedSequence;
            seal();
        }
        whenAllAcknowledged(completion);
        send();
    }

    /** Completes once all that came in before is acknowledged. */
    void whenAllAcknowledged(Completion completion) {
        IOException ended;
        synchronized (this) {
            ended = uncertainty();
            PendingEvent last = pending.peekLast();
            if (ended == null && last != null && !last.acknowledged) {
                last.whenAcknowledged(completion);
                return;
            }
        }
        tell(completion, ended);
    }

    /**
     * Called once a second: if no event has come for so long, one without changes carries the mark of the last flush, and says what
     * the file contains now that it has all.
     */
    void markIfIdle() {
        synchronized (this) {
            contentIsDue = true;
            boolean idle = lastSequence == lastSeen;
            lastSeen = lastSequence;
            boolean contentIsNews = contentIsWanted || lastChange > saidSequence;
            boolean hasSomethingToSay = flushed || (contentIsNews && pending.isEmpty() && hasAll());
            if (end != null || leaving != null || !idle || !hasSomethingToSay) {
                return;
            }
            newEvent().sealed = true;
            markedSequence = lastSequence; // it changes nothing that would have to be flushed
        }
        send();
    }

    /** What the file contains is said soon, also if it was said before. */
    synchronized void sayContent() {
        contentIsWanted = true;
    }

    private boolean hasAll() {
        return content.last()
                .filter(last -> last.sequence().value() == lastSequence)
                .isPresent();
    }

    /**
     * Called once a second. If the log has not taken an event for too long, all who wait fail, and so does whatever comes until
     * it goes on; the events stay, and count if it takes them.
     *
     * @param patienceSeconds 0 for ever
     * @return whether that is so
     */
    boolean tick(long patienceSeconds) {
        List<Completion> waiting = new ArrayList<>();
        IOException failure;
        synchronized (this) {
            PendingEvent first = firstUnacknowledged();
            stuckTicks = first != null && first == stuck ? stuckTicks + 1 : 0;
            stuck = first;
            if (patienceSeconds == 0 || stuckTicks < patienceSeconds || end != null) {
                return stalled != null;
            }
            failure = new BlockDeviceException(
                    DeviceError.IO,
                    "the log has not taken event " + pending.getLast().sequence + " and those before it for "
                            + patienceSeconds + " s (log.timeout); they stay and may still count");
            stalled = failure;
            pending.forEach(event -> waiting.addAll(event.takeWaiting()));
        }
        waiting.forEach(completion -> completion.failed(failure));
        return true;
    }

    private @Nullable PendingEvent firstUnacknowledged() {
        for (PendingEvent event : pending) {
            if (!event.acknowledged) {
                return event;
            }
        }
        return null;
    }

    /** Fails if no answer can be expected now. Asked before anything is planned. */
    synchronized void requireAnswers() throws IOException {
        IOException failure = failure();
        if (failure != null) {
            throw failure;
        }
        requireOpen();
    }

    /**
     * Takes nothing more; completes once all that came in before is acknowledged, however long the log does not answer: what is behind
     * a release would not count.
     */
    void leave(Completion completion) {
        IOException ended;
        boolean waits;
        synchronized (this) {
            leaving = new BlockDeviceException(DeviceError.SHUTTING_DOWN, "the image is being released");
            seal();
            ended = end;
            waits = ended == null && firstUnacknowledged() != null;
            if (waits) {
                leavers.add(completion);
            }
        }
        if (waits) {
            send();
        } else {
            tell(completion, ended);
        }
    }

    private void seal() {
        PendingEvent last = pending.peekLast();
        if (last != null) {
            last.sealed = true;
        }
    }

    private @Nullable IOException failure() {
        return end != null ? end : stalled;
    }

    /** Why nobody can be told now that what came in before is acknowledged. */
    private @Nullable IOException uncertainty() {
        return releasedWhole ? null : failure();
    }

    private static void tell(Completion completion, @Nullable IOException failure) {
        if (failure == null) {
            completion.succeeded();
        } else {
            completion.failed(failure);
        }
    }

    // ---- events out

    /** Appends what may go out now. Called without the plan lock, after each plan. */
    void send() {
        send(false);
    }

    /** As {@link #send()}, but leaves back an event into which more can come: send is going to be called. */
    void sendFull() {
        send(true);
    }

    private void send(boolean onlyFull) {
        for (PendingEvent next = next(onlyFull); next != null; next = next(onlyFull)) {
            append(next);
        }
    }

    private synchronized @Nullable PendingEvent next(boolean onlyFull) {
        PendingEvent next = unsent.peek();
        if (sending || next == null || underWay == MAX_UNDER_WAY) {
            return null;
        }
        if (mayGrow(next) && (onlyFull || next.plans() < plansUnderWay)) {
            return null;
        }
        unsent.remove();
        next.sealed = true;
        underWay++;
        plansUnderWay += next.plans();
        sending = true;
        return next;
    }

    /** Whether more plans may still come into it, so that it can be worth its while to wait. */
    private boolean mayGrow(PendingEvent next) {
        return unsent.size() == 1 && !next.sealed && next.bytes() < MAX_SHARED_BYTES / 2;
    }

    private void append(PendingEvent event) {
        try {
            Sequence got = owner.append(body(event), new Acknowledgement() {
                @Override
                public void acknowledged(FoldState after) {
                    EventQueue.this.acknowledged(event);
                }

                @Override
                public void failed(OwnershipException cause) {
                    end(cause);
                }
            });
            if (got.value() != event.sequence) {
                throw new IllegalStateException("event " + event.sequence + " became event " + got);
            }
        } catch (OwnershipException e) {
            end(e);
        } catch (RuntimeException | Error e) { // also for want of memory
            owner.giveUp("event " + event.sequence + " cannot be written; please report this: " + e);
            throw e; // still sending: the next event must never come in this one's place
        }
        synchronized (this) {
            sending = false;
        }
    }

    /** Once a second it says what the file contained a moment ago. */
    private synchronized EventBody body(PendingEvent event) {
        EventBody body = event.body();
        Optional<ContentDigest> known = contentIsDue ? content.last() : Optional.empty();
        long of = known.map(digest -> digest.sequence().value()).orElse(0L);
        boolean isSaid = of <= saidSequence && !contentIsWanted;
        if (known.isEmpty() || isSaid || event.sequence - of > ContentRecord.KEPT) {
            return body;
        }
        contentIsDue = false;
        contentIsWanted = false;
        saidSequence = of;
        return body.withContentDigest(known.get());
    }

    private void acknowledged(PendingEvent event) {
        List<Completion> waiting;
        List<Completion> left = List.of();
        synchronized (this) {
            underWay--;
            plansUnderWay -= event.plans();
            event.acknowledged = true;
            acknowledgedSequence = event.sequence;
            stalled = null;
            waiting = event.takeWaiting();
            if (!leavers.isEmpty() && firstUnacknowledged() == null) { // the event may be applied, and gone, already
                left = List.copyOf(leavers);
                leavers.clear();
            }
        }
        waiting.forEach(Completion::succeeded);
        left.forEach(Completion::succeeded);
        send();
    }

    /** All events up to this one are in the file. */
    void applied(Sequence upTo) {
        List<PendingEvent> done = new ArrayList<>();
        long bytes;
        synchronized (this) {
            long before = pendingBytes;
            for (PendingEvent first = pending.peek();
                    first != null && first.sequence <= upTo.value();
                    first = pending.peek()) {
                done.add(pending.remove());
                pendingBytes -= first.bytes();
            }
            bytes = before - pendingBytes;
        }
        overlay.drop(upTo.value());
        budget.giveBack(bytes);
        done.forEach(PendingEvent::letGo);
    }

    // ---- the end

    /** What clients are told when the image is not this node's any more. */
    static IOException failure(OwnershipException cause) {
        return new BlockDeviceException(DeviceError.SHUTTING_DOWN, String.valueOf(cause.getMessage()), cause);
    }

    /** Fails all that is not acknowledged, and whatever comes. What is acknowledged still goes into the file. */
    void end(OwnershipException cause) {
        List<PendingEvent> lost = new ArrayList<>();
        List<Completion> waiting = new ArrayList<>();
        IOException failure = failure(cause);
        long bytes;
        synchronized (this) {
            if (end != null) {
                return;
            }
            long before = pendingBytes;
            end = failure;
            unsent.clear();
            while (!pending.isEmpty() && !pending.getLast().acknowledged) {
                PendingEvent event = pending.removeLast();
                pendingBytes -= event.bytes();
                waiting.addAll(event.takeWaiting());
                lost.add(event);
            }
            waiting.addAll(leavers);
            leavers.clear();
            bytes = before - pendingBytes;
            releasedWhole = cause instanceof OwnershipException.Released && lost.isEmpty();
        }
        overlay.drop(Long.MAX_VALUE);
        budget.giveBack(bytes);
        lost.forEach(PendingEvent::letGo);
        waiting.forEach(completion -> completion.failed(failure));
    }
}
