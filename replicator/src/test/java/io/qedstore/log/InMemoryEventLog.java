package io.qedstore.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A log in memory where all goes well: it acknowledges before {@code append} returns, and answers reads when it is told to.
 * One thread at a time.
 */
public final class InMemoryEventLog implements EventLog {
    private final TopicId id = new TopicId(new UUID(1, 1));
    private final List<byte[]> records = new ArrayList<>();
    private final Deque<Runnable> reads = new ArrayDeque<>();

    @Override
    public TopicId topicId() {
        return id;
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
                callback.appended(put(record));
            }

            @Override
            public void close() {}
        };
    }

    /** Puts a record at the end. */
    public long put(byte[] record) {
        records.add(record);
        return records.size() - 1L;
    }

    public List<byte[]> records() {
        return records;
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        reads.add(() -> answer(position, callback));
    }

    /** Answers all reads that wait, once. */
    public void answerReads() {
        for (int waiting = reads.size(); waiting > 0; waiting--) {
            reads.remove().run();
        }
    }

    private void answer(LogPosition position, ReadCallback callback) {
        if (position.nextOffset() > records.size()) {
            callback.failed(new LogException.Truncated(
                    "the log ends at " + records.size() + ", before " + position.nextOffset()));
            return;
        }
        List<StoredRecord> found = new ArrayList<>();
        for (int offset = (int) position.nextOffset(); offset < records.size() && found.size() < 50; offset++) {
            found.add(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(records.get(offset))));
        }
        callback.read(new LogBatch(found, records.size()));
    }
}
