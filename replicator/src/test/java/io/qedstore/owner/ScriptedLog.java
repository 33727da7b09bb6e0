package io.qedstore.owner;

import io.qedstore.event.CorruptRecordException;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** A log in which the test says what becomes of each record, if it wants to. */
final class ScriptedLog implements EventLog {
    final List<byte[]> records = new ArrayList<>();
    private final Deque<Runnable> reads = new ArrayDeque<>();
    private final Deque<Held> held = new ArrayDeque<>();
    private boolean holding;
    private boolean breaking;
    private int readsAtMost = Integer.MAX_VALUE;

    private static final class Held {
        final byte[] record;
        final AppendCallback callback;

        Held(byte[] record, AppendCallback callback) {
            this.record = record;
            this.callback = callback;
        }
    }

    /** From now on records wait for {@link #acknowledge} and {@link #fail}. */
    void hold(boolean now) {
        holding = now;
    }

    /** The next record is not even taken: there is no memory for it. */
    void breakNext() {
        breaking = true;
    }

    /** No read answers with more records. */
    void readsAtMost(int count) {
        readsAtMost = count;
    }

    /** How many wait. */
    int held() {
        return held.size();
    }

    void acknowledge() {
        Held first = held.remove();
        records.add(first.record);
        first.callback.appended(records.size() - 1L);
    }

    void fail() {
        held.remove().callback.failed(new LogException.Unavailable("no answer in time"));
    }

    boolean holdsAny() {
        return !held.isEmpty();
    }

    /** Whether the first that waits is an event. */
    boolean holdsEvent() throws CorruptRecordException {
        return holdsAny() && EventCodec.decode(ByteBuffer.wrap(held.element().record)) instanceof LogRecord.Event;
    }

    /** Answers reads until there are none. */
    void answerReads() {
        for (Runnable read = reads.poll(); read != null; read = reads.poll()) {
            read.run();
        }
    }

    @Override
    public TopicId topicId() {
        return new TopicId(new UUID(1, 1));
    }

    @Override
    public long endOffset() {
        return records.size();
    }

    @Override
    public Appender newAppender() {
        return new Appender() {
            @Override
            public void append(byte[] record, AppendCallback callback) {
                if (breaking) {
                    breaking = false;
                    throw new OutOfMemoryError("of the test");
                }
                held.add(new Held(record, callback));
                if (!holding) {
                    acknowledge();
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        reads.add(() -> answer(position, callback));
    }

    private void answer(LogPosition position, ReadCallback callback) {
        if (position.nextOffset() > records.size()) {
            callback.failed(new LogException.Truncated("the log ends at " + records.size()));
            return;
        }
        List<StoredRecord> found = new ArrayList<>();
        for (int offset = (int) position.nextOffset();
                offset < records.size() && found.size() < readsAtMost;
                offset++) {
            found.add(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(records.get(offset))));
        }
        callback.read(new LogBatch(found, records.size()));
    }
}
