package io.qedstore.log.kafka;

/**
 * Which part of a producer's buffer is spoken for, so that nobody ever has to wait for it inside Kafka's client.
 *
 * <p>Kafka takes a whole batch's memory for the first record in it. The batches of one log that are not full are at most those
 * under way and the one that is filled; of the full ones, two neighbours hold more than one batch's worth.
 *
 * <p>Not for several threads at once.
 */
final class LaneBudget {
    /** Five requests under way, and one that is filled. */
    static final int BATCHES_UNDER_WAY = 6;

    private static final int RECORD_OVERHEAD_BYTES = 128;

    private final int batchBytes;
    private long freeBytes;

    LaneBudget(ProducerSettings settings) {
        batchBytes = settings.batchBytes();
        freeBytes = settings.bufferBytes();
    }

    /** What an appender's records may take in the buffer at most. */
    private long taken(int records, long bytes) {
        return (long) Math.min(records, BATCHES_UNDER_WAY) * batchBytes
                + 2 * (bytes + (long) records * RECORD_OVERHEAD_BYTES);
    }

    /** Takes room for one more record behind others of the same appender, if there is room. */
    boolean take(int recordsBefore, long bytesBefore, int recordBytes) {
        long more = taken(recordsBefore + 1, bytesBefore + recordBytes) - taken(recordsBefore, bytesBefore);
        if (more > freeBytes) {
            return false;
        }
        freeBytes -= more;
        return true;
    }

    /** Gives back what one record has taken. */
    void giveBack(int recordsAfter, long bytesAfter, int recordBytes) {
        freeBytes += taken(recordsAfter + 1, bytesAfter + recordBytes) - taken(recordsAfter, bytesAfter);
    }

    long freeBytes() {
        return freeBytes;
    }
}
