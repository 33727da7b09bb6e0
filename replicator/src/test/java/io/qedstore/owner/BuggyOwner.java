package io.qedstore.owner;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CorruptRecordException;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldSink;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.simulation.Bug;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** An owner with a mistake, if one is asked for. */
public final class BuggyOwner extends LogOwner {
    private final Bug bug;
    private final OwnerSettings settings;
    private final EventLog log;
    private final Fold fold;
    private final FoldSink sink;

    public BuggyOwner(
            OwnerSettings settings,
            EventLog log,
            Fold fold,
            OwnerClock clock,
            UUID id,
            FoldSink sink,
            OwnerListener listener,
            Bug bug) {
        super(settings, log, fold, clock, id, sink, listener);
        this.settings = settings;
        this.log = log;
        this.fold = fold;
        this.sink = sink;
        this.bug = bug;
    }

    @Override
    boolean isRegular(long offset, long expected) {
        return bug == Bug.ACKNOWLEDGE_ON_GAP || super.isRegular(offset, expected);
    }

    @Override
    Duration othersLease() {
        return bug == Bug.WAIT_FOR_OWN_LEASE ? settings.lease() : super.othersLease();
    }

    @Override
    boolean isDirectlyBehind(LogPosition place, long claim) {
        return bug == Bug.WAIT_FROM_WHAT_WAS_FOLLOWED || super.isDirectlyBehind(place, claim);
    }

    @Override
    void sending(PendingRecord pending) {
        if (bug == Bug.APPLY_BEFORE_ACKNOWLEDGEMENT && pending.link().record() instanceof Event event) {
            FoldState now = fold.state();
            sink.folded(
                    event,
                    new FoldState(
                            now.image(),
                            now.lineage(),
                            now.topicId(),
                            now.position(),
                            event.sequence(),
                            pending.link().digest(),
                            now.position().nextOffset(),
                            now.ownership(),
                            event.timeMicros(),
                            Optional.of(DigestAlgorithm.XXH3_128)));
        }
    }

    @Override
    void acknowledging(Event event, FoldState after) {
        if (bug != Bug.APPLY_BEFORE_ACKNOWLEDGEMENT) {
            super.acknowledging(event, after);
        }
    }

    @Override
    TailReader newTail(EventLog of, Fold into, Object guard, TailReader.Listener hears) {
        return new TailReader(of, into, guard, hears) {
            @Override
            void readUpTo(long offset) {
                if (bug != Bug.DECIDE_BEFORE_CLAIM) {
                    super.readUpTo(offset);
                    return;
                }
                log.read(
                        new LogPosition(offset, OptionalInt.empty()), EventLog.AtEnd.WAIT, new EventLog.ReadCallback() {
                            @Override
                            public void read(LogBatch batch) {
                                if (batch.records().isEmpty()) {
                                    readUpTo(offset);
                                    return;
                                }
                                try {
                                    ByteBuffer bytes = batch.records().get(0).bytes();
                                    LogRecord claim = EventCodec.decode(bytes);
                                    hears.took(new Fold.Judged(
                                            into.own(claim, DigestAlgorithm.XXH3_128.of(bytes), offset), claim));
                                    hears.reached();
                                } catch (CorruptRecordException | LogException e) {
                                    throw new IllegalStateException(e);
                                }
                            }

                            @Override
                            public void failed(LogException cause) {
                                hears.unanswered(cause);
                            }
                        });
            }
        };
    }
}
