package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogWalkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Answers with what it has read ahead, and with the end that the log had then. */
    private record ReadAhead(EventLog log) implements EventLog {
        @Override
        public TopicId topicId() {
            return log.topicId();
        }

        @Override
        public long endOffset() throws LogException {
            return log.endOffset();
        }

        @Override
        public Appender newAppender() {
            return log.newAppender();
        }

        @Override
        public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            log.read(position, atEnd, new ReadCallback() {
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

    /** Answers each question but every third without records, wherever it is asked. */
    private static final class Slow implements EventLog {
        private final EventLog log;
        private int questions;

        Slow(EventLog log) {
            this.log = log;
        }

        @Override
        public TopicId topicId() {
            return log.topicId();
        }

        @Override
        public long endOffset() throws LogException {
            return log.endOffset();
        }

        @Override
        public Appender newAppender() {
            return log.newAppender();
        }

        @Override
        public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
            questions++;
            if (questions % 3 == 0) {
                log.read(position, atEnd, callback);
            } else {
                callback.read(new LogBatch(List.of(), position.nextOffset()));
            }
        }
    }

    // Deliberate bug: a walk ends at the first answer without records.
    @Test
    void anAnswerWithoutRecordsIsNotTheEnd() throws IOException {
        HistoryLog log = new HistoryLog(new Random(6), 20);
        long[] last = new long[1];
        new LogWalk(new Slow(log), log.start(), PATIENCE).walk((event, after) -> {
            last[0] = after.sequence().value();
            return true;
        });
        assertThat(last[0]).isEqualTo(log.last());
    }

    // Deliberate bug: a log that gives no more records is taken to have ended.
    @Test
    void aLogThatGivesNoRecordsForTooLongIsGivenUp() throws IOException {
        HistoryLog log = new HistoryLog(new Random(7), 20);
        EventLog slow = new Slow(log);
        LogWalk walk = new LogWalk(slow, log.start(), Duration.ZERO);
        assertThatThrownBy(() -> walk.walk((event, after) -> true))
                .isInstanceOf(LogException.Unavailable.class)
                .hasMessageContaining("gave no answer");
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
