package io.qedstore.owner;

import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldSink;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.Ownership;
import io.qedstore.fold.Verdict;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one image, appends its events, and acknowledges those of which it knows that everybody's fold accepts them.
 *
 * <p>The log cannot compare before it appends, so anybody can write at any time. What an owner relies on is this: it is the
 * only one that appends, hence the offsets that come back are neighbours, and as long as they are, nobody else has written,
 * nothing was lost and nothing is there twice. On anything else it stops acknowledging, closes its way to append, and reads
 * the log as everybody does:
 *
 * <pre>
 *   take -> READING -- caught up --> CLAIMING -- offset of the claim --> SETTLING -- folded up to it --> OWNING
 *              ^                        |                                                                  |
 *              +---- failed ------------+        (WAITING for a lease to run out, after a forced takeover) |
 *              +---- any irregularity, or a failed send ---------------------------------------------------+
 * </pre>
 *
 * <p>A higher epoch by somebody else: fenced. Records gone: the log is lost. Otherwise, if one of its own records is not in
 * the log, it may still come: so the owner first claims again, and what is not there before that claim never counts; then it
 * appends what is missing, in its old place, in the new epoch.
 *
 * <p>All methods may be called by any thread; none waits. One lock guards everything but whether the lease holds, and is held
 * while listeners are called.
 *
 * <p>The class is long because its states decide over the same state; what could be told apart is in {@link TailReader}, {@link
 * Outbox}, {@link Chain}, {@link Claims} and {@link Lease}.
 */
public class LogOwner {
    private static final Logger LOG = LoggerFactory.getLogger(LogOwner.class);

    /** Larger events are refused: a topic takes records of 2 MiB. */
    public static final int MAX_EVENT_BYTES = 1_992_294; // 1.9 MiB

    /** A log that fails again and again is asked up to so many times less often. */
    private static final int MAX_DOUBLINGS = 3;

    /** Brokers remember a producer for a day. */
    private static final Duration LONG_IDLE = Duration.ofHours(6);

    private enum State {
        READING,
        CLAIMING,
        SETTLING,
        WAITING,
        OWNING,
        ENDED
    }

    private final OwnerSettings settings;
    private final EventLog log;
    private final FoldSink sink;
    private final OwnerListener listener;
    private final Object lock = new Object();

    private final Fold fold;
    private final Lease lease;
    private final Claims claims;
    private final TailReader tail;

    private final Outbox outbox = new Outbox();
    private final Chain chain = new Chain();

    private State state = State.READING;
    private @Nullable Takeover takeover;
    private boolean hasOwned;

    /** Who had the image when it was to be taken, as far as the fold knew. */
    private Ownership before = Ownership.NONE;

    private boolean attached;
    private boolean releasing;

    /** It has the image and does not let go of it: reads may be answered as long as the lease lasts. Read by any thread. */
    private volatile boolean answering;

    /** The epoch in which what was sent was sent. */
    private Epoch sentEpoch = Epoch.NONE;

    /** Results of earlier tries are not looked at. */
    private long attempt;

    private EventLog.@Nullable Appender appender;

    private Lease.Instant claimSentAt;

    /** By the monotonic clock: when the claim was known to be in the log. */
    private long claimedAtNanos;

    private long claimOffset;

    /** What was followed before this was to take the image; null if it was not said. */
    private @Nullable Followed followed;

    /**
     * What somebody who has followed the log knows of it.
     *
     * @param to behind the last record that was read
     * @param atNanos by the monotonic clock, when that one had been read
     */
    private record Followed(LogPosition to, long atNanos) {}

    private Lease.Instant lookedBackAt;

    /** Irregularities since the last acknowledgement. */
    private int failures;

    /** When to read again, if the log did not answer. */
    private Lease.@Nullable Instant failedAt;

    /**
     * After a claim the first record goes alone, and after a long time without any: brokers have forgotten by then which producer
     * has sent what, and do not notice one that comes twice.
     */
    private boolean firstAlone;

    /** A record could not be made, and its place must stay empty. */
    private boolean stuck;

    private Lease.Instant lastSentAt;

    private long lastQueuedSequence;
    private @Nullable OwnershipException end;

    /** How to deal with an owner that has not released the image. */
    public enum Takeover {
        /** Leave the image to it. */
        IF_FREE,
        /** Take the image, and answer nothing before its lease must have run out. */
        FORCED,
        /** Take the image; somebody has made sure that its owner, as far as the fold knows it now, is dead. */
        OTHER_IS_DEAD
    }

    /**
     * @param from where the sink's file has certainly come to; all behind it is handed to the sink
     * @param id nobody else's, and used once: by it this owner knows its claims
     * @param sink takes every event that counts, this owner's as soon as they are acknowledged
     */
    public LogOwner(
            OwnerSettings settings,
            EventLog log,
            FoldTip from,
            OwnerClock clock,
            UUID id,
            FoldSink sink,
            OwnerListener listener) {
        this(settings, log, new Fold(from), clock, id, sink, listener);
    }

    LogOwner(
            OwnerSettings settings,
            EventLog log,
            Fold fold,
            OwnerClock clock,
            UUID id,
            FoldSink sink,
            OwnerListener listener) {
        this.settings = settings;
        this.log = log;
        this.sink = sink;
        this.listener = new GuardedListener(listener);
        this.fold = fold;
        this.claims = new Claims(settings, id, fold.ownership());
        this.tail = newTail(log, fold, lock, new Tail());
        this.lease = new Lease(clock, settings.lease());
        this.claimSentAt = lease.now();
        this.lookedBackAt = claimSentAt;
        this.lastSentAt = claimSentAt;
    }

    /** The way to read; called by the constructor. */
    TailReader newTail(EventLog of, Fold into, Object guard, TailReader.Listener hears) {
        return new TailReader(of, into, guard, hears);
    }

    // ---- what can be asked of an owner

    /** Begins to take the image. {@link OwnerListener} hears how it went. Called once. */
    public void take(Takeover how) {
        synchronized (lock) {
            if (begin(how)) {
                tail.readToEnd();
            }
        }
    }

    /**
     * As {@link #take}, by somebody who has followed the log to where this begins.
     *
     * @param readAtNanos by the monotonic clock, when the last record before that place had been read: if nothing comes between it and
     *     the claim, another's lease is waited for from then on
     */
    public void takeFollowed(Takeover how, long readAtNanos) {
        synchronized (lock) {
            followed = new Followed(fold.state().position(), readAtNanos);
            take(how);
        }
    }

    /**
     * As {@link #take} of an image that nobody has, by somebody who has followed its log until just now, and found it released: claims
     * at once. What has been appended since is read up to the claim, which does not count if another's came first.
     */
    public void takeReleased() {
        synchronized (lock) {
            if (fold.state().epochStatus() != EpochStatus.FREE) {
                throw new IllegalStateException("the image is not released: " + fold.ownership());
            }
            if (begin(Takeover.IF_FREE)) {
                tail.trust();
                claim();
            }
        }
    }

    private boolean begin(Takeover how) {
        if (takeover != null) {
            throw new IllegalStateException("an owner takes its image once");
        }
        takeover = how;
        before = fold.ownership();
        try {
            fold.requireTopic(log.topicId());
            return true;
        } catch (LogException.Recreated e) {
            logLost(e);
            return false;
        }
    }

    /**
     * Appends an event behind all before it. The image must have been taken.
     *
     * @param body whose buffers stay as they are until the sink has put them into the file, or the acknowledgement failed
     * @return the sequence that the event has if it is acknowledged
     * @throws OwnershipException if this is no owner any more
     */
    public Sequence append(EventBody body, Acknowledgement acknowledgement) throws OwnershipException {
        if (body.maxEncodedBytes() > MAX_EVENT_BYTES) {
            throw new IllegalArgumentException("an event of up to " + body.maxEncodedBytes()
                    + " bytes, expected at most " + MAX_EVENT_BYTES + ": split the request");
        }
        synchronized (lock) {
            requireOpen();
            if (!hasOwned) {
                throw new IllegalStateException("the image is not taken yet");
            }
            Sequence sequence = new Sequence(lastQueuedSequence + 1);
            requireWritable(body, sequence);
            lastQueuedSequence++;
            outbox.add(new PendingRecord(PendingRecord.Kind.EVENT, body, acknowledgement));
            pump();
            return sequence;
        }
    }

    private static void requireWritable(EventBody body, Sequence sequence) {
        if (body.notUnderstood().isPresent()) {
            throw new IllegalArgumentException("event " + sequence + " says what is not understood: "
                    + body.notUnderstood().get());
        }
        if (body.genesis().isPresent() != (sequence.value() == 1)) {
            throw new IllegalArgumentException("event " + sequence + " names digest algorithm " + body.genesis()
                    + "; the first event of an image names one, and no other does");
        }
    }

    /** Whom this owner follows. The image must have been taken. */
    public Tenure tenure() {
        synchronized (lock) {
            return claims.tenure().orElseThrow(() -> new IllegalStateException("the image is not taken yet"));
        }
    }

    /** Whether reads may be answered now: nobody else can have taken the image. Takes no lock. */
    public boolean holdsLease() {
        return answering && lease.holds();
    }

    /** Makes sure of the lease: acknowledges once a record that was sent from now on is in the log. */
    public void renewLease(Acknowledgement acknowledgement) throws OwnershipException {
        synchronized (lock) {
            requireOpen();
            queueLease(acknowledgement);
        }
    }

    /** While clients are attached the lease is kept. */
    public void setAttached(boolean isAttached) {
        synchronized (lock) {
            attached = isAttached;
        }
    }

    /** Lets go of the image, behind all events. The listener hears of the end. */
    public void release(Acknowledgement acknowledgement) throws OwnershipException {
        synchronized (lock) {
            requireOpen();
            outbox.add(new PendingRecord(PendingRecord.Kind.RELEASE, null, acknowledgement));
            releasing = true;
            answering = false;
            pump();
        }
    }

    /** Stops at once, and fails what is pending. */
    public void giveUp(String why) {
        synchronized (lock) {
            end(new OwnershipException.GivenUp(why));
        }
    }

    /** Called every now and then, a few times in a lease at least: leases age, and logs come back. */
    public void tick() {
        synchronized (lock) {
            Lease.Instant failed = failedAt;
            if (failed != null
                    && failed.nanosUntil(lease.now())
                            >= settings.retryAfter().toNanos() << Math.min(failures, MAX_DOUBLINGS)) {
                failedAt = null;
                goOnReading();
            }
            tail.resume();
            if (state == State.WAITING && otherLeaseIsOver()) {
                own();
            }
            if (state == State.OWNING
                    && lookedBackAt.nanosUntil(lease.now()) >= settings.lease().toNanos() / 3) {
                lookedBackAt = lease.now();
                tail.lookBack();
            }
            if (state == State.OWNING && attached && outbox.isEmpty() && !releasing && lease.isAging()) {
                queueLease(NOBODY);
            }
        }
    }

    /** Where the fold is: behind the last acknowledged record. */
    public FoldState state() {
        synchronized (lock) {
            return fold.state();
        }
    }

    /** For how long the log has not answered what this owner sent first of what is not answered; zero if all is. */
    public Duration unanswered() {
        synchronized (lock) {
            PendingRecord first = outbox.firstSent();
            Lease.Instant since = state == State.CLAIMING ? claimSentAt : first == null ? null : first.sentAt();
            return since == null || state == State.ENDED
                    ? Duration.ZERO
                    : Duration.ofNanos(since.nanosUntil(lease.now()));
        }
    }

    /** For whoever goes on from here. */
    public FoldTip tip() {
        synchronized (lock) {
            return fold.tip();
        }
    }

    private static final Acknowledgement NOBODY = new Acknowledgement() {
        @Override
        public void acknowledged(FoldState after) {}

        @Override
        public void failed(OwnershipException cause) {}
    };

    private void queueLease(Acknowledgement acknowledgement) {
        outbox.add(new PendingRecord(PendingRecord.Kind.LEASE, null, acknowledgement));
        pump();
    }

    private void requireOpen() throws OwnershipException {
        OwnershipException ended = end;
        if (ended != null) {
            throw ended;
        }
        if (releasing) {
            throw new OwnershipException.Released("the image is being released");
        }
    }

    // ---- sending, and the ordinary way of results

    /** Sends what may be sent now. */
    private void pump() {
        while (state == State.OWNING && !stuck) {
            PendingRecord next = outbox.send(firstAlone);
            if (next == null) {
                return;
            }
            try {
                send(next);
            } catch (RuntimeException | Error e) { // also for want of memory: the next one would come in its place
                stuck = true;
                end(new OwnershipException.GivenUp("a record could not be written; please report this: " + e));
                throw e;
            }
        }
    }

    private void send(PendingRecord pending) {
        Lease.Instant now = lease.now();
        firstAlone |= lastSentAt.nanosUntil(now) >= LONG_IDLE.toNanos();
        lastSentAt = now;
        RecordHead head = fold.head(sentEpoch);
        Chain.Encoded encoded =
                switch (pending.kind) {
                    case EVENT -> chain.event(head, Objects.requireNonNull(pending.body), now.wallMicros());
                    case LEASE -> chain.control(new LogRecord.Lease(head, chain.time(now.wallMicros())));
                    case RELEASE -> chain.control(new LogRecord.Release(head, chain.time(now.wallMicros())));
                };
        pending.sent(encoded.link, now);
        sending(pending);
        long tried = attempt;
        append(encoded.bytes, new EventLog.AppendCallback() {
            @Override
            public void appended(long offset) {
                synchronized (lock) {
                    if (tried == attempt) {
                        pending.lies(offset);
                        acknowledgeInOrder();
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    if (tried == attempt) {
                        irregular(cause);
                    }
                }
            }
        });
    }

    private void append(byte[] bytes, EventLog.AppendCallback callback) {
        EventLog.Appender way = appender;
        if (way == null) {
            way = log.newAppender();
            appender = way;
        }
        way.append(bytes, callback);
    }

    private void acknowledgeInOrder() {
        for (PendingRecord next = outbox.firstSent(); next != null; next = outbox.firstSent()) {
            Long offset = next.offset();
            if (offset == null) {
                break;
            }
            long expected = fold.nextOffset();
            if (!isRegular(offset, expected)) {
                irregular(offset, expected);
                return;
            }
            try {
                Verdict verdict = fold.own(next.link().record(), next.link().digest(), offset);
                if (verdict.isVoid()) {
                    irregular(new LogException.Unavailable("a record of one's own would not count: " + verdict));
                    return;
                }
            } catch (LogException e) {
                logLost(e);
                return;
            }
            outbox.removeFirstSent();
            lease.extend(next.sentAt());
            firstAlone = false;
            failures = 0;
            acknowledge(next);
            if (state == State.ENDED) {
                return;
            }
        }
        pump();
    }

    private void acknowledge(PendingRecord pending) {
        FoldState after = fold.state();
        if (pending.link().record() instanceof Event event) {
            acknowledging(event, after);
        }
        pending.acknowledged(after);
        if (pending.kind == PendingRecord.Kind.RELEASE) {
            end(new OwnershipException.Released("the image was released"));
        }
    }

    /** Whether an offset says that nobody else has written: it is the one behind the last. */
    boolean isRegular(long offset, long expected) {
        return offset == expected;
    }

    /** An event goes out. */
    void sending(PendingRecord pending) {}

    /** An event counts. */
    void acknowledging(Event event, FoldState after) {
        hand(event, after);
    }

    /** To the file, which must not miss any. */
    private void hand(Event event, FoldState after) {
        try {
            sink.folded(event, after);
        } catch (RuntimeException e) {
            LOG.error("event {} could not be handed on", after.sequence(), e);
            end(new OwnershipException.GivenUp("event " + after.sequence() + " could not be handed on: " + e));
        }
    }

    // ---- when something is not as it should be

    private void irregular(long offset, long expected) {
        if (offset < expected) {
            steppedBack(offset, expected);
        } else {
            irregular(new LogException.Unavailable(
                    "a record was put at offset " + offset + ", expected " + expected + ": somebody else has written"));
        }
    }

    /** Records are lost; the log may know more of how. */
    private void steppedBack(long offset, long expected) {
        LogException.Truncated truncated = new LogException.Truncated("a record was put at offset " + offset
                + ", expected " + expected + ": the log has lost records that it had acknowledged");
        listener.waiting(truncated);
        stopAppending();
        state = State.READING;
        tail.confirmLoss(truncated);
    }

    /** Stops acknowledging, and asks the log what is there. */
    private void irregular(LogException cause) {
        listener.waiting(cause);
        stopAppending();
        state = State.READING;
        outbox.takeBackLeases();
        failures++;
        if (failures == 1) {
            tail.checkToEnd();
        } else {
            failedAt = lease.now(); // not round and round as fast as it can
        }
    }

    /** Asks the log again that did not answer. */
    private void goOnReading() {
        if (tail.isReading()) {
            tail.retry();
        } else {
            tail.checkToEnd();
        }
    }

    private void stopAppending() {
        attempt++;
        tail.cancel();
        EventLog.Appender way = appender;
        appender = null;
        if (way != null) {
            way.close();
        }
    }

    /** The release is in the log, and nothing behind it. */
    private void released() {
        for (PendingRecord first = outbox.firstSent(); first != null; first = outbox.firstSent()) {
            outbox.removeFirstSent();
            if (first.kind == PendingRecord.Kind.RELEASE) {
                first.acknowledged(fold.state());
            }
        }
        end(new OwnershipException.Released("the image was released"));
    }

    /** What comes of reading. */
    private final class Tail implements TailReader.Listener {
        @Override
        public void unanswered(LogException cause) {
            listener.waiting(cause);
            failedAt = lease.now();
        }

        @Override
        public void lost(LogException cause) {
            logLost(cause);
        }

        @Override
        public void took(Fold.Judged judged) {
            switch (judged.verdict()) {
                case OPENED -> {
                    claims.opened((Claim) Objects.requireNonNull(judged.record()));
                    if (hasOwned && !claims.lastIsMine()) {
                        end(new OwnershipException.Fenced(
                                lastNode() + " has taken the image (epoch " + fold.epoch() + ")"));
                    }
                }
                case APPLIED -> {
                    FoldState after = fold.state();
                    hand(judged.toApply().orElseThrow(), after);
                    PendingRecord first = outbox.firstSent();
                    if (claims.lastIsMine() && first != null && first.kind == PendingRecord.Kind.EVENT) {
                        outbox.removeFirstSent();
                        first.acknowledged(after);
                    }
                }
                case RELEASED -> {
                    claims.released(fold.ownership());
                    // A claim that was sent since may still come, and the image is taken then.
                    if (claims.lastIsMine() && hasOwned && claims.nothingIsUnderWay(fold.epoch())) {
                        released();
                    }
                }
                case LEASED, LOST_CLAIM, OTHER_EPOCH, DUPLICATE, TOO_HIGH, WRONG_DIGEST, JUNK -> {}
            }
        }

        @Override
        public boolean hasRoom() {
            return listener.hasRoom();
        }

        @Override
        public void reached() {
            if (state == State.SETTLING) {
                settled();
            } else {
                caughtUp();
            }
        }
    }

    /** All that the log had is folded, and nothing of this owner is under way. */
    private void caughtUp() {
        FoldState now = fold.state();
        if (!hasOwned
                && takeover == Takeover.IF_FREE
                && now.epochStatus() != EpochStatus.FREE
                && !claims.lastIsMine()) {
            end(new OwnershipException.Taken(
                    lastNode() + " owns the image (epoch " + now.epoch() + "); release it there, or take it by force"));
        } else if (hasOwned && mayGoOn(now)) {
            goOn();
        } else {
            claim();
        }
    }

    /** Whether nothing of this owner can still come into the log and count. */
    boolean mayGoOn(FoldState now) {
        boolean nothingIsMissing = !outbox.hasSent() || sentEpoch.compareTo(now.epoch()) < 0;
        return claims.lastIsMine()
                && claims.nothingIsUnderWay(now.epoch())
                && now.epochStatus() == EpochStatus.OPEN
                && nothingIsMissing;
    }

    private void claim() {
        state = State.CLAIMING;
        claimSentAt = lease.now();
        Claim claim = claims.next(fold, chain.time(claimSentAt.wallMicros()));
        long tried = attempt;
        append(EventCodec.encode(claim), new EventLog.AppendCallback() {
            @Override
            public void appended(long offset) {
                synchronized (lock) {
                    if (tried == attempt) {
                        claimed(offset);
                    }
                }
            }

            @Override
            public void failed(LogException cause) {
                synchronized (lock) {
                    if (tried == attempt) {
                        listener.waiting(cause);
                        stopAppending();
                        state = State.READING;
                        failedAt = lease.now();
                    }
                }
            }
        });
    }

    private void claimed(long offset) {
        long next = fold.nextOffset();
        if (offset < next) {
            irregular(offset, next);
            return;
        }
        claimedAtNanos = lease.now().monotonicNanos();
        claimOffset = offset;
        state = State.SETTLING;
        tail.readUpTo(offset);
    }

    /** The log is folded up to the claim. */
    private void settled() {
        FoldState now = fold.state();
        if (claims.lastIsMine() && now.epochStatus() != EpochStatus.OPEN) {
            claim(); // somebody has put a record behind the claim that broke its epoch
        } else if (!claims.lastIsMine()) {
            end(new OwnershipException.Fenced(
                    lastNode() + " was faster to take the image (epoch " + now.epoch() + ")"));
        } else if (!hasOwned && !otherLeaseIsOver()) {
            state = State.WAITING;
        } else {
            own();
        }
    }

    /**
     * Whether nobody can hold a lease of an epoch before: what another has sent and had acknowledged in order lies before this claim,
     * so it was sent before the claim was in the log, and before the last record in front of it had been read.
     */
    private boolean otherLeaseIsOver() {
        long waitNanos = othersLease().toNanos() / 10 * 11;
        return lease.now().monotonicNanos() - othersLastNanos()
                >= waitNanos; // a jump of the other clock must not shorten it
    }

    /** By the monotonic clock: from then on no other has sent anything that it had acknowledged in order. */
    private long othersLastNanos() {
        Followed known = followed;
        return known != null && isDirectlyBehind(known.to(), claimOffset) ? known.atNanos() : claimedAtNanos;
    }

    /** Whether nothing can have been between a place and the claim, also nothing that the log has lost since: its leader was the same. */
    boolean isDirectlyBehind(LogPosition place, long claim) {
        return claim == place.nextOffset()
                && place.leaderEpoch().isPresent()
                && place.leaderEpoch().equals(fold.state().position().leaderEpoch());
    }

    /** Whoever was said to be dead is the one who owned the image then; another may have come since. */
    Duration othersLease() {
        Ownership mine = fold.ownership();
        boolean nobodyCameSince = mine.epoch().equals(before.epoch().next());
        return takeover == Takeover.OTHER_IS_DEAD && nobodyCameSince ? before.othersLease() : mine.othersLease();
    }

    private void own() {
        lease.extend(claimSentAt);
        boolean first = !hasOwned;
        hasOwned = true;
        answering = !releasing;
        goOn();
        if (first && state == State.OWNING) {
            listener.owned(fold.state());
        }
    }

    /** Appends again, from where the fold is: first what was sent and is not there. */
    private void goOn() {
        FoldState now = fold.state();
        state = State.OWNING;
        outbox.takeBackAll();
        sentEpoch = now.epoch();
        chain.goOnFrom(now);
        lastQueuedSequence = now.sequence().value() + outbox.events();
        firstAlone = true;
        pump();
    }

    private String lastNode() {
        return fold.ownership().node().map(node -> "node " + node).orElse("nobody");
    }

    // ---- the end

    private void logLost(LogException cause) {
        end(new OwnershipException.LogLost(
                "the log of image " + fold.state().image() + " cannot be relied on any more: " + cause.getMessage(),
                cause));
    }

    private void end(OwnershipException cause) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        end = cause;
        answering = false;
        lease.end();
        failedAt = null;
        stopAppending();
        outbox.drain().forEach(record -> record.failed(cause));
        listener.ended(cause);
    }
}
