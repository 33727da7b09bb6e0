package io.qedstore.log.kafka;

import java.time.Duration;

/**
 * How a node reads logs.
 *
 * @param readers how many threads, each with a consumer
 * @param batchBytes how much one read brings, a record more at most; where nothing can be kept ahead any more, twice as much. Each
 *     log that is behind takes so much memory, twice at most
 * @param fetchBytes how much a broker answers a consumer at once
 * @param readAheadBytes how much each reader keeps of what nobody has asked for yet, of all its logs; an answer more at most
 * @param readWait after which a read that found nothing says so
 * @param fetchWait how long a broker keeps a consumer's request that finds nothing; the first read of a log may wait as long
 * @param topicCheckAge how old the knowledge may be that a log is still the same topic
 * @param idle after which a log that nobody reads is let go
 */
public record ReaderSettings(
        int readers,
        int batchBytes,
        int fetchBytes,
        int readAheadBytes,
        Duration readWait,
        Duration fetchWait,
        Duration topicCheckAge,
        Duration idle) {
    public ReaderSettings {
        if (readers < 1) {
            throw new IllegalArgumentException(readers + " readers; 1 or more are needed");
        }
        if (batchBytes < 1 || fetchBytes < batchBytes) {
            throw new IllegalArgumentException("reads of " + batchBytes + " bytes and answers of " + fetchBytes
                    + "; more than 0, and an answer takes a read at least");
        }
        if (readAheadBytes < 0) {
            throw new IllegalArgumentException("a read-ahead of " + readAheadBytes + " bytes; 0 or more is needed");
        }
        checkPositive("read wait", readWait);
        checkPositive("fetch wait", fetchWait);
        checkPositive("age of topic checks", topicCheckAge);
        checkPositive("idle time", idle);
    }

    private static void checkPositive(String what, Duration time) {
        if (time.toMillis() < 1 || time.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a " + what + " of " + time + "; from 1 ms to 24 days");
        }
    }

    public static ReaderSettings standard() {
        return new ReaderSettings(
                3,
                1 << 20,
                8 << 20,
                16 << 20,
                Duration.ofMillis(500),
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30));
    }

    public ReaderSettings withReaders(int number) {
        return new ReaderSettings(
                number, batchBytes, fetchBytes, readAheadBytes, readWait, fetchWait, topicCheckAge, idle);
    }

    public ReaderSettings withBatchBytes(int bytes) {
        return new ReaderSettings(
                readers, bytes, Math.max(bytes, fetchBytes), readAheadBytes, readWait, fetchWait, topicCheckAge, idle);
    }

    public ReaderSettings withReadWait(Duration wait) {
        return new ReaderSettings(
                readers, batchBytes, fetchBytes, readAheadBytes, wait, fetchWait, topicCheckAge, idle);
    }

    public ReaderSettings withIdle(Duration time) {
        return new ReaderSettings(
                readers, batchBytes, fetchBytes, readAheadBytes, readWait, fetchWait, topicCheckAge, time);
    }
}
