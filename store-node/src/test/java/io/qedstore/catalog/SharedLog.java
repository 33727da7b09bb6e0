package io.qedstore.catalog;

import io.qedstore.index.TestCatalog;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The log of a catalog in memory, for the threads of several nodes. */
final class SharedLog implements EventLog {
    private final List<byte[]> records = new ArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Runnable> held = new ArrayList<>();

    /** Offsets are told when it is over, although the records are there. */
    private boolean holdingOffsets;

    /** The next read fails like this. */
    private @Nullable LogException readFailure;

    /** Appends fail like this; the record is there nevertheless, or is not. */
    private @Nullable LogException appendFailure;

    private boolean lost;

    synchronized void failNextRead(LogException cause) {
        readFailure = cause;
        wake();
    }

    synchronized void failAppends(@Nullable LogException cause, boolean isLost) {
        appendFailure = cause;
        lost = isLost;
    }

    synchronized void holdOffsets(boolean now) {
        holdingOffsets = now;
        if (!now) {
            held.forEach(Runnable::run);
            held.clear();
        }
    }

    synchronized int end() {
        return records.size();
    }

    synchronized void put(byte[] record) {
        records.add(record);
        wake();
    }

    private void wake() {
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }

    @Override
    public TopicId topicId() {
        return TestCatalog.TOPIC;
    }

    @Override
    public long endOffset() {
        return end();
    }

    @Override
    public Appender newAppender() {
        return new Appender() {
            @Override
            public void append(byte[] record, AppendCallback callback) {
                appended(record, callback);
            }

            @Override
            public void close() {}
        };
    }

    private synchronized void appended(byte[] record, EventLog.AppendCallback callback) {
        LogException failure = appendFailure;
        if (failure == null || !lost) {
            put(record);
        }
        if (failure != null) {
            callback.failed(failure);
            return;
        }
        long offset = records.size() - 1L;
        if (holdingOffsets) {
            held.add(() -> callback.appended(offset));
        } else {
            callback.appended(offset);
        }
    }

    @Override
    public synchronized void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        LogException failure = readFailure;
        if (failure != null) {
            readFailure = null;
            callback.failed(failure);
            return;
        }
        if (atEnd == AtEnd.WAIT && position.nextOffset() >= records.size()) {
            waiting.add(() -> read(position, atEnd, callback));
            return;
        }
        List<StoredRecord> found = new ArrayList<>();
        for (int offset = (int) position.nextOffset(); offset < records.size(); offset++) {
            found.add(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(records.get(offset))));
        }
        callback.read(new LogBatch(found, records.size()));
    }
}
