package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.EventLog.ReadCallback;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class TopicSightTest {
    private static final long AGE = 1_000_000_000;
    private static final TopicId MEANT = new TopicId(new UUID(1, 1));
    private static final TopicId OTHER = new TopicId(new UUID(2, 2));
    private static final Read READ = new Read(
            new LogName("t"),
            MEANT,
            new LogPosition(7, LogPosition.START.leaderEpoch()),
            0,
            AtEnd.WAIT,
            new NoCallback());

    private final TopicSight sight = new TopicSight(AGE);

    @Test
    void nothingIsKnownBeforeTheFirstAnswer() {
        assertThat(sight.isFresh(5)).isFalse();
        assertThat(sight.isDue(5)).isTrue();
        sight.asked(5);
        assertThat(sight.isDue(6)).isFalse();
        assertThat(sight.nanosToQuestion(6)).isGreaterThan(1000 * AGE);
    }

    @Test
    void anAnswerGetsOldFromWhenItCame() {
        sight.asked(1);
        sight.answered(MEANT, null, 5);
        assertThat(sight.isFresh(5 + AGE)).isTrue();
        assertThat(sight.isFresh(6 + AGE)).isFalse();
        assertThat(sight.isDue(4 + AGE / 2)).isFalse();
        assertThat(sight.isDue(5 + AGE / 2)).isTrue();
        assertThat(sight.objection(READ)).isEmpty();
    }

    @Test
    void theAnswerToAnEarlierQuestionDoesNotCount() {
        sight.asked(5);
        sight.distrust();
        sight.answered(MEANT, null, 6);
        assertThat(sight.isFresh(6)).isFalse();
        sight.asked(7);
        sight.answered(OTHER, null, 8);
        assertThat(sight.objection(READ))
                .containsInstanceOf(LogException.Recreated.class)
                .hasValueSatisfying(objection -> assertThat(objection)
                        .hasMessageContaining(
                                "cannot read t from offset 7: the topic has the id " + OTHER + ", expected " + MEANT));
    }

    @Test
    void aTopicIsMissingOnlyWhenThatWasSaidSeveralTimes() {
        Throwable unknown = new UnknownTopicOrPartitionException("unknown");
        long now = 0;
        for (int answers = 1; answers < 3; answers++) {
            now += AGE;
            assertThat(sight.isDue(now)).isTrue();
            sight.asked(now);
            assertThat(sight.answered(null, unknown, now)).isNull();
            assertThat(sight.isDue(now + 1)).isFalse();
            assertThat(sight.nanosToQuestion(now + 1)).isBetween(AGE / 10, AGE);
        }
        sight.asked(now + AGE);
        assertThat(sight.answered(null, unknown, now + AGE)).isSameAs(unknown);
        assertThat(sight.isFresh(now + AGE)).isFalse();
    }

    @Test
    void aFailureOfAnotherKindIsBelievedAtOnceAndNothingOlderCounts() {
        sight.asked(1);
        assertThat(sight.answered(MEANT, null, 2)).isNull();
        sight.asked(3);
        Throwable silence = new TimeoutException("nobody answers");
        assertThat(sight.answered(null, silence, 4)).isSameAs(silence);
        assertThat(sight.isFresh(5)).isFalse();
        assertThat(sight.isDue(5)).isTrue();
    }

    private static final class NoCallback implements ReadCallback {
        @Override
        public void read(LogBatch batch) {
            throw new AssertionError(batch);
        }

        @Override
        public void failed(LogException cause) {
            throw new AssertionError(cause);
        }
    }
}
