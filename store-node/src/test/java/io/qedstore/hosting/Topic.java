package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.log.EventLog;
import io.qedstore.log.ForwardingLog;
import io.qedstore.log.InMemoryEventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;

/** The topic of an image in memory, which answers when it is told to, may hold what is appended, and may be another one. One thread. */
final class Topic implements LogSource {
    InMemoryEventLog records = new InMemoryEventLog();

    /** Why it cannot be opened; the test's to throw. */
    boolean missing;

    /** Its brokers do not answer who reads. */
    boolean away;

    /** What lies before this offset was deleted. */
    long start;

    /** So many records were read, each as often as it was. */
    long readRecords;

    /** So many times it was tried to open it. */
    int opened;

    private final List<InMemoryEventLog> before = new ArrayList<>();
    private final Queue<Runnable> held = new ArrayDeque<>();
    private boolean holding;
    private TopicId id = new TopicId(new UUID(1, 1));

    void hold(boolean now) {
        holding = now;
        while (!holding && !held.isEmpty()) {
            held.remove().run();
        }
    }

    void answerReads() {
        before.forEach(InMemoryEventLog::answerReads);
        records.answerReads();
    }

    /** Deleted, and created again. */
    void recreate() {
        before.add(records);
        records = new InMemoryEventLog();
        id = new TopicId(new UUID(2, 2));
    }

    /** As it is opened by who waits for its answers: it gives them at once. */
    EventLog openPrompt(ImageId image) throws LogException {
        return new ForwardingLog(open(image)) {
            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                super.read(position, atEnd, callback);
                answerReads();
            }
        };
    }

    @Override
    public EventLog open(ImageId image) throws LogException {
        opened++;
        if (missing) {
            throw new LogException.Missing("there is no such topic");
        }
        InMemoryEventLog of = records;
        TopicId was = id;
        return new EventLog() {
            @Override
            public TopicId topicId() {
                return was;
            }

            @Override
            public long endOffset() {
                return of.endOffset();
            }

            @Override
            public Appender newAppender() {
                return new Way(of);
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                if (position.nextOffset() < start) {
                    callback.failed(new LogException.Gap("the log begins at offset " + start));
                    return;
                }
                of.read(position, atEnd, new ReadCallback() {
                    @Override
                    public void read(LogBatch batch) {
                        if (away) {
                            callback.failed(new LogException.Unavailable("no broker has answered"));
                            return;
                        }
                        readRecords += batch.records().size();
                        if (was.equals(id)) {
                            callback.read(batch);
                        } else {
                            callback.failed(new LogException.Recreated("it is topic " + id + " now, and was " + was));
                        }
                    }

                    @Override
                    public void failed(LogException cause) {
                        callback.failed(cause);
                    }
                });
            }
        };
    }

    private final class Way implements EventLog.Appender {
        private final InMemoryEventLog into;
        private boolean closed;

        Way(InMemoryEventLog into) {
            this.into = into;
        }

        @Override
        public void append(byte[] record, EventLog.AppendCallback callback) {
            Runnable append = () -> {
                if (closed) {
                    callback.failed(new LogException.Unavailable("closed"));
                } else {
                    callback.appended(into.put(record));
                }
            };
            if (holding) {
                held.add(append);
            } else {
                append.run();
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
