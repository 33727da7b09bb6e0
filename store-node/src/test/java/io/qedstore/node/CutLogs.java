package io.qedstore.node;

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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The logs of one process of a node, in memory, which are cut off from it right before or right behind one of its appends: then nothing
 * is appended, answered or read any more. A thread of their own answers. What they hold outlives the process.
 */
final class CutLogs implements AutoCloseable {
    private final ExecutorService answers = Executors.newSingleThreadExecutor();
    private final Runnable whenCut;

    // ---- used by the answering thread alone

    private int stepsLeft;
    private final List<Runnable> waiting = new ArrayList<>();

    private volatile boolean isCut;

    /**
     * @param steps before and behind so many appends nothing happens
     * @param whenCut must not wait
     */
    CutLogs(int steps, Runnable whenCut) {
        this.stepsLeft = steps;
        this.whenCut = whenCut;
    }

    boolean isCut() {
        return isCut;
    }

    /** @param records what the log holds, for this process and the next */
    EventLog log(TopicId topic, List<byte[]> records) {
        return new Log(topic, records);
    }

    private void run(Runnable task) {
        answers.execute(() -> {
            if (!isCut) {
                task.run();
            }
        });
    }

    /** @return whether all goes on */
    private boolean step() {
        if (stepsLeft-- == 0) {
            isCut = true;
            whenCut.run();
        }
        return !isCut;
    }

    /** Nothing comes from them any more when it returns. */
    @Override
    public void close() {
        end(answers);
    }

    /** Ends a thread of the node, whatever it is at. */
    static void end(ExecutorService threads) {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a thread of the node is still at work");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private final class Log implements EventLog {
        private final TopicId topic;
        private final List<byte[]> records;

        Log(TopicId topic, List<byte[]> records) {
            this.topic = topic;
            this.records = records;
        }

        @Override
        public TopicId topicId() {
            return topic;
        }

        @Override
        public long endOffset() throws LogException {
            if (isCut) {
                throw new LogException.Unavailable("cut off");
            }
            return records.size();
        }

        @Override
        public Appender newAppender() {
            return new Appender() {
                @Override
                public void append(byte[] record, AppendCallback callback) {
                    run(() -> appended(record, callback));
                }

                @Override
                public void close() {}
            };
        }

        private void appended(byte[] record, AppendCallback callback) {
            if (step()) {
                records.add(record);
                if (step()) {
                    long offset = records.size() - 1L;
                    callback.appended(offset);
                    List<Runnable> now = List.copyOf(waiting);
                    waiting.clear();
                    now.forEach(Runnable::run);
                }
            }
        }

        @Override
        public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            run(() -> answer(position, atEnd, callback));
        }

        private void answer(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            if (atEnd == AtEnd.WAIT && position.nextOffset() >= records.size()) {
                waiting.add(() -> answer(position, atEnd, callback));
                return;
            }
            List<StoredRecord> found = new ArrayList<>();
            for (int offset = (int) position.nextOffset(); offset < records.size(); offset++) {
                found.add(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(records.get(offset))));
            }
            callback.read(new LogBatch(found, records.size()));
        }
    }
}
