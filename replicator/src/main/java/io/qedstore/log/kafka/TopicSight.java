package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import io.qedstore.log.TopicId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a topic's id, and since when.
 *
 * <p>A topic that was deleted and made again is read on as if nothing had been, so a read counts only if the id was asked for
 * not long before. A broker that has just started may not know a topic, so that is believed when it was said several times.
 */
final class TopicSight {
    private static final int MISSING_ANSWERS = 3;
    private static final long MISSING_PAUSE_NANOS = 200_000_000;

    private final long maxAgeNanos;
    private @Nullable TopicId id;
    private long seenNanos;
    private boolean seen;
    private int missing;
    private boolean asking;
    private long askedNanos;
    private boolean answerIsOld;

    TopicSight(long maxAgeNanos) {
        this.maxAgeNanos = maxAgeNanos;
    }

    /** What was known does not count any more. */
    void distrust() {
        seen = false;
        answerIsOld = asking;
    }

    /** A broker that was asked something else did not know the topic: whether it is there is asked again, a little later. */
    void doubt(long nowNanos) {
        distrust();
        missing = Math.max(missing, 1);
        askedNanos = nowNanos;
    }

    boolean isFresh(long nowNanos) {
        return seen && nowNanos - seenNanos <= maxAgeNanos;
    }

    /** Whether to ask now: in time, so that no read has to wait for the answer. */
    boolean isDue(long nowNanos) {
        return nanosToQuestion(nowNanos) <= 0;
    }

    /** How long not to ask; as good as for ever while an answer is awaited. */
    long nanosToQuestion(long nowNanos) {
        if (asking) {
            return Long.MAX_VALUE;
        }
        long pause = missing > 0 ? askedNanos + MISSING_PAUSE_NANOS - nowNanos : 0;
        long untilOld = seen ? seenNanos + maxAgeNanos / 2 - nowNanos : 0;
        return Math.max(pause, untilOld);
    }

    void asked(long nowNanos) {
        asking = true;
        askedNanos = nowNanos;
    }

    /** @return why the id will not be known, if that is settled */
    @Nullable
    Throwable answered(@Nullable TopicId answer, @Nullable Throwable failure, long nowNanos) {
        asking = false;
        if (answerIsOld) {
            answerIsOld = false;
            return null;
        }
        boolean unknown = failure != null && KafkaErrors.isMissing(failure);
        missing = unknown ? missing + 1 : 0;
        if (unknown && missing < MISSING_ANSWERS) {
            return null;
        }
        missing = 0;
        id = answer;
        seen = failure == null;
        seenNanos = nowNanos;
        return failure;
    }

    /** What is wrong with a read, if the sight is fresh. */
    Optional<LogException> objection(Read read) {
        if (id == null || id.equals(read.topicId())) {
            return Optional.empty();
        }
        return Optional.of(recreated(read.what(), read.topicId(), id));
    }

    static LogException.Recreated recreated(String attempted, TopicId expected, TopicId found) {
        return new LogException.Recreated("cannot " + attempted + ": the topic has the id " + found + ", expected "
                + expected + ": it was deleted, and another made under its name");
    }
}
