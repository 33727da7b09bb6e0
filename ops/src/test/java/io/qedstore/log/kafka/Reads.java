package io.qedstore.log.kafka;

import io.qedstore.log.EventLog;
import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.EventLog.ReadCallback;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads that wait for their answer. */
final class Reads {
    private static final int DEADLINE_MINUTES = 2;

    private Reads() {}

    static CompletableFuture<LogBatch> start(EventLog log, LogPosition position) {
        return start(log, position, AtEnd.WAIT);
    }

    static CompletableFuture<LogBatch> start(EventLog log, LogPosition position, AtEnd atEnd) {
        CompletableFuture<LogBatch> answer = new CompletableFuture<>();
        log.read(position, atEnd, new ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                if (!answer.complete(batch)) {
                    throw new AssertionError("a second answer");
                }
            }

            @Override
            public void failed(LogException cause) {
                if (!answer.completeExceptionally(cause)) {
                    throw new AssertionError("a second answer", cause);
                }
            }
        });
        return answer;
    }

    static LogBatch read(EventLog log, LogPosition position) throws LogException, InterruptedException {
        return await(start(log, position));
    }

    static LogBatch await(CompletableFuture<LogBatch> answer) throws LogException, InterruptedException {
        try {
            return answer.get(DEADLINE_MINUTES, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LogException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer to a read", e);
        }
    }

    /** All records from a position up to the end of the log. */
    static List<StoredRecord> all(EventLog log, LogPosition from) throws LogException, InterruptedException {
        List<StoredRecord> records = new ArrayList<>();
        LogPosition position = from;
        while (true) {
            LogBatch batch = read(log, position);
            records.addAll(batch.records());
            if (!batch.records().isEmpty()) {
                position = LogPosition.after(records.get(records.size() - 1));
            }
            if (position.nextOffset() >= batch.endOffset()) {
                return records;
            }
        }
    }

    static List<Long> offsets(List<StoredRecord> records) {
        return records.stream().map(StoredRecord::offset).toList();
    }

    /** The numbers that {@link Appends#record} wrote. */
    static List<Integer> numbers(List<StoredRecord> records) {
        return records.stream()
                .map(record -> record.bytes().getInt(record.bytes().position()))
                .toList();
    }
}
