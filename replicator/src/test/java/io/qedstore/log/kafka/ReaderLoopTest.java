package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A reader whose consumer finds no broker. */
class ReaderLoopTest {
    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(3);
    private static final long DEADLINE_NANOS = Duration.ofSeconds(20).toNanos();

    /** Where nobody listens. */
    private final KafkaSettings settings =
            KafkaSettings.of("test", "127.0.0.1:1").withAdminTimeout(ADMIN_TIMEOUT);

    private final ScriptedAdmin brokers = new ScriptedAdmin();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CollectedReads reads = new CollectedReads();
    private ReaderLoop loop = loopOf(brokers.admin());

    private ReaderLoop loopOf(Admin admin) {
        return new ReaderLoop(settings, "reader", new TopicWatch(admin), tasks::add);
    }

    @AfterEach
    void close() {
        loop.reset(new LogException.Unavailable("the end of the test"));
    }

    private boolean step() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        return loop.step(() -> !tasks.isEmpty());
    }

    /** @return how many polls it took */
    private int stepUntilAnswered(int answers) {
        long start = System.nanoTime();
        int steps = 0;
        while (reads.answers() < answers) {
            assertThat(System.nanoTime() - start).isLessThan(DEADLINE_NANOS);
            step();
            steps++;
        }
        return steps;
    }

    /** The deliberate bug: a read that is overdue is looked after each millisecond, though its answer comes by a task. */
    @Test
    void aReadThatWaitsForBrokersIsSeldomLookedAfter() {
        try (Admin silent = Admin.create(ClientConfigs.admin(settings))) {
            loop = loopOf(silent);
            loop.add(reads.next(ScriptedAdmin.ID, AtEnd.WAIT));
            assertThat(stepUntilAnswered(1)).isLessThan(30);
        }
        assertThat(reads.failures()).hasSize(1).hasOnlyElementsOfType(LogException.Unavailable.class);
    }

    /** The deliberate bug: only of logs for which a read waits it is asked whether they are there. */
    @Test
    void aDeletedLogThatNobodyReadsIsLetGo() {
        loop.add(reads.next(ScriptedAdmin.ID, AtEnd.ANSWER));
        stepUntilAnswered(1);
        assertThat(reads.batches()).containsExactly(new LogBatch(List.of(), 0));
        assertThat(step()).as("kept for a while").isTrue();
        brokers.deleteTopics();
        long start = System.nanoTime();
        while (step()) {
            assertThat(System.nanoTime() - start)
                    .isLessThan(settings.readers().idle().toNanos() / 2);
        }
    }

    /** The deliberate bug: it is found out anew for each read. */
    @Test
    void allReadsOfADeletedLogFailTogether() {
        brokers.deleteTopics();
        for (int i = 0; i < 10; i++) {
            loop.add(reads.next(ScriptedAdmin.ID, AtEnd.WAIT));
        }
        stepUntilAnswered(10);
        assertThat(reads.failures()).hasSize(10).hasOnlyElementsOfType(LogException.Missing.class);
        assertThat(brokers.questions()).isEqualTo(3);
        assertThat(step()).isFalse();
    }

    /** The deliberate bug: one broker that has not heard of a topic yet makes a log a lost one. */
    @Test
    void oneBrokerThatDoesNotKnowATopicIsNotBelieved() {
        loop.add(reads.next(ScriptedAdmin.ID, AtEnd.ANSWER));
        step(); // the topic is there
        brokers.forgetTopics(1);
        stepUntilAnswered(1);
        assertThat(reads.batches()).containsExactly(new LogBatch(List.of(), 0));
    }

    /** The deliberate bug: what the consumer has paused is noted beside it, and the note lost with the position. */
    @Test
    void aLogThatWasPausedWhenItsPositionWasLostIsFetchedAgain() {
        try (MockConsumer<byte[], ByteBuffer> consumer = new MockConsumer<>("none")) {
            ReadPartition partition = new ReadPartition("t", settings.readers());
            partition.moveTo(LogPosition.START, 0);
            consumer.assign(List.of(partition.partition()));
            consumer.pause(List.of(partition.partition()));
            partition.losePosition();
            partition.moveTo(LogPosition.START, 0);
            partition.reads().add(reads.next(ScriptedAdmin.ID, AtEnd.WAIT));
            ReaderLoop.fetchWhatIsWanted(consumer, List.of(partition), 0);
            assertThat(consumer.paused()).isEmpty();
        }
    }
}
