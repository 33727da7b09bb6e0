package io.qedstore.log;

/** Passes everything on; a test overrides what is to be otherwise. */
public class ForwardingLog implements EventLog {
    private final EventLog inner;

    public ForwardingLog(EventLog inner) {
        this.inner = inner;
    }

    @Override
    public TopicId topicId() {
        return inner.topicId();
    }

    @Override
    public long endOffset() throws LogException {
        return inner.endOffset();
    }

    @Override
    public Appender newAppender() {
        return inner.newAppender();
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        inner.read(position, atEnd, callback);
    }
}
