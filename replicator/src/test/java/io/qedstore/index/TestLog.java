package io.qedstore.index;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.NodeId;
import io.qedstore.event.RecordHead;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** An image's log in memory, folded: its events, each with the state of the fold behind it. */
public final class TestLog {
    private final int number;
    private final Fold fold;
    private final List<Folded> events = new ArrayList<>();
    private Epoch epoch = Epoch.NONE;

    /** An event, and the state behind it. */
    public record Folded(Event event, FoldState after) {}

    public TestLog(int number) {
        this.number = number;
        this.fold = new Fold(start());
        claim();
    }

    public FoldState start() {
        return FoldState.start(
                TestCatalog.image(number), TestCatalog.lineage(number), new TopicId(new UUID(9, number)));
    }

    public List<Folded> events() {
        return events;
    }

    /** The state behind an event. */
    public FoldState at(int sequence) {
        return events.get(sequence - 1).after();
    }

    private RecordHead head() {
        return new RecordHead(TestCatalog.image(number), TestCatalog.lineage(number), epoch);
    }

    public void claim() {
        epoch = epoch.next();
        append(new LogRecord.Claim(head(), new NodeId("node-1"), new UUID(1, epoch.value()), 0, 1000));
    }

    public void event(long timeMicros, boolean flushBefore) {
        FoldState before = fold.state();
        EventBody body = before.algorithm().isEmpty()
                ? EventBody.first(DigestAlgorithm.XXH3_128, List.of(), List.of())
                : EventBody.of(List.of(), List.of());
        append(new Event(
                head(),
                before.sequence().next(),
                before.digest(),
                timeMicros,
                flushBefore ? body.withFlushBefore() : body));
    }

    private void append(LogRecord record) {
        try {
            Fold.Judged judged = fold.next(new StoredRecord(
                    fold.state().position().nextOffset(),
                    OptionalInt.of(Math.toIntExact(epoch.value())),
                    ByteBuffer.wrap(EventCodec.encode(record))));
            judged.toApply().ifPresent(event -> events.add(new Folded(event, fold.state())));
        } catch (LogException e) {
            throw new AssertionError(e);
        }
    }

    /** A log of so many events, one each second; every tenth says that a flush came before it. */
    public static TestLog of(int number, int events) {
        TestLog log = new TestLog(number);
        for (int i = 1; i <= events; i++) {
            log.event(i * 1_000_000L, i % 10 == 0);
        }
        return log;
    }
}
