package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.EventLog.ReadCallback;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** A reader whose brokers do not answer. */
class ReaderLoopTest {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(3);

    /** Where nobody listens. */
    private final KafkaSettings settings =
            KafkaSettings.of("test", "127.0.0.1:1").withAdminTimeout(ADMIN_TIMEOUT);

    /** The deliberate bug: a read that is overdue is looked after each millisecond, though its answer comes by a task. */
    @Test
    void aReadThatWaitsForBrokersIsSeldomLookedAfter() {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        List<LogException> failures = new ArrayList<>();
        int polls = 0;
        try (Admin admin = Admin.create(ClientConfigs.admin(settings))) {
            ReaderLoop loop = new ReaderLoop(settings, "reader", new TopicWatch(admin), tasks::add);
            loop.add(new Read(
                    new LogName("t"),
                    new TopicId(new UUID(1, 1)),
                    LogPosition.START,
                    System.nanoTime(),
                    AtEnd.WAIT,
                    new Failures(failures)));
            while (failures.isEmpty()) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                loop.step(() -> false);
                polls++;
            }
            loop.reset(new LogException.Unavailable("the end of the test"));
        }
        assertThat(failures).hasSize(1).hasOnlyElementsOfType(LogException.Unavailable.class);
        assertThat(polls).isLessThan(30);
    }

    private record Failures(List<LogException> all) implements ReadCallback {
        @Override
        public void read(LogBatch batch) {
            throw new AssertionError(batch);
        }

        @Override
        public void failed(LogException cause) {
            all.add(cause);
        }
    }
}
