package io.qedstore.volume;

import io.qedstore.log.EventLog;
import io.qedstore.log.InMemoryEventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.util.ArrayDeque;
import java.util.Queue;

/** A log that takes records when the test says so. One thread. */
final class HeldLog implements EventLog {
    final InMemoryEventLog inner = new InMemoryEventLog();
    private final Queue<Runnable> held = new ArrayDeque<>();
    private boolean holding;

    void hold(boolean now) {
        holding = now;
    }

    int held() {
        return held.size();
    }

    /** Takes the next record, and says so. */
    void take() {
        held.remove().run();
    }

    void takeAll() {
        while (!held.isEmpty()) {
            take();
        }
    }

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
            private boolean closed;

            @Override
            public void append(byte[] record, AppendCallback callback) {
                held.add(() -> {
                    if (closed) {
                        callback.failed(new LogException.Unavailable("closed"));
                    } else {
                        callback.appended(inner.put(record));
                    }
                });
                if (!holding) {
                    take();
                }
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        inner.read(position, atEnd, callback);
    }
}
