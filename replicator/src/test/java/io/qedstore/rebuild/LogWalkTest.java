package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog;
import io.qedstore.log.ForwardingLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogWalkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Answers with what it has read ahead, and with the end that the log had then. */
    private static final class ReadAhead extends ForwardingLog {
        ReadAhead(EventLog log) {
            super(log);
        }

        @Override
        public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            super.read(position, atEnd, new ReadCallback() {
                @Override
                public void read(LogBatch batch) {
                    List<StoredRecord> records = batch.records();
                    callback.read(
                            records.isEmpty() ? batch : new LogBatch(records, position.nextOffset() + records.size()));
                }

                @Override
                public void failed(LogException cause) {
                    callback.failed(cause);
                }
            });
        }
    }

    /** Sees its end a moment late: the first answer at each place where there is more is an empty one. */
    private static final class Late extends ForwardingLog {
        private long answeredAt = -1;

        Late(EventLog log) {
            super(log);
        }

        @Override
        public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            if (answeredAt == position.nextOffset()) {
                super.read(position, atEnd, callback);
            } else {
                answeredAt = position.nextOffset();
                callback.read(new LogBatch(List.of(), answeredAt));
            }
        }
    }

    // Deliberate bug: an answer without records is taken for the end.
    @Test
    void anAnswerWithoutRecordsIsNotTheEnd() throws IOException {
        HistoryLog log = new HistoryLog(new Random(6), 20);
        long[] last = new long[1];
        new LogWalk(new Late(log), log.start(), PATIENCE).walk((event, after) -> {
            last[0] = after.sequence().value();
            return true;
        });
        assertThat(last[0]).isEqualTo(log.last());
    }

    // Deliberate bug: the end that comes with records is taken for the log's.
    @Test
    void anEndThatWasSeenAWhileAgoIsNotTheEnd() throws IOException {
        HistoryLog log = new HistoryLog(new Random(5), 20);
        long[] last = new long[1];
        new LogWalk(new ReadAhead(log), log.start(), PATIENCE).walk((event, after) -> {
            last[0] = after.sequence().value();
            return true;
        });
        assertThat(last[0]).isEqualTo(log.last());
    }
}
