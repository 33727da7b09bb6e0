package io.qedstore.imports;

import io.qedstore.log.EventLog;
import io.qedstore.log.InMemoryEventLog;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A log in memory that answers by a thread of its own, as soon as it can. */
final class PromptLog implements EventLog, AutoCloseable {
    private final InMemoryEventLog inner = new InMemoryEventLog();
    private final ExecutorService answers = Executors.newSingleThreadExecutor();

    /** Nothing is acknowledged any more. */
    volatile boolean stands;

    @Override
    public TopicId topicId() {
        return inner.topicId();
    }

    @Override
    public long endOffset() {
        return inner.endOffset();
    }

    @Override
    public Appender newAppender() {
        return new Appender() {
            @Override
            public void append(byte[] record, AppendCallback callback) {
                answers.execute(() -> {
                    if (!stands) {
                        callback.appended(inner.put(record));
                    }
                });
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        answers.execute(() -> {
            inner.read(position, atEnd, callback);
            inner.answerReads();
        });
    }

    /** When nobody uses it any more. */
    List<byte[]> records() {
        return inner.records();
    }

    @Override
    public void close() {
        answers.shutdown();
    }
}
