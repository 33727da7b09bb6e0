package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.LogException;
import java.time.Duration;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of reads when their thread comes upon an error. */
class LogReaderTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final ScriptedAdmin brokers = new ScriptedAdmin();
    private final CollectedReads reads = new CollectedReads();
    private final LogReader reader =
            new LogReader(KafkaSettings.of("test", "127.0.0.1:1"), 7, new TopicWatch(brokers.admin()));

    @BeforeEach
    void start() {
        reader.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        reader.close();
    }

    private void read() {
        reader.read(reads.next(ScriptedAdmin.ID, AtEnd.ANSWER));
    }

    private void awaitAnswers(int number) throws InterruptedException {
        assertThat(reads.await(number, DEADLINE)).as("every read has an answer").isTrue();
    }

    /** The deliberate bug: an error, which is no exception, ends the thread in silence. */
    @Test
    void anErrorFailsWhatIsUnderWayAndTheNextReadIsAnswered() throws Exception {
        brokers.throwing(new OutOfMemoryError("on purpose"));
        read();
        awaitAnswers(1);
        assertThat(reads.failures())
                .singleElement()
                .isInstanceOf(LogException.Unavailable.class)
                .asString()
                .contains("OutOfMemoryError: on purpose");
        brokers.throwing(null);
        read();
        awaitAnswers(2);
        assertThat(reads.batches()).hasSize(1);
    }

    /** The deliberate bug: reads wait for a thread that has ended. */
    @Test
    void whatAThreadThatHasEndedIsAskedForFailsByName() throws Exception {
        Logger logger = Logger.getLogger(LogReader.class.getName());
        Handler full = new FullDisk();
        logger.addHandler(full);
        try {
            brokers.throwing(new OutOfMemoryError("on purpose"));
            read();
            awaitAnswers(1);
            // The thread's end fails it, be it asked before or behind.
            brokers.throwing(null);
            read();
            awaitAnswers(2);
        } finally {
            logger.removeHandler(full);
        }
        read();
        assertThat(reads.failures())
                .hasSize(3)
                .last()
                .isInstanceOf(LogException.Unavailable.class)
                .asString()
                .contains("log-reader-7", "no space for a log line", "start this node again");
    }

    private static final class FullDisk extends Handler {
        @Override
        public void publish(LogRecord line) {
            throw new InternalError("no space for a log line");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
