package io.qedstore.log.kafka;

/**
 * Which part of a producer's buffer is spoken for, so that nobody ever has to wait for it inside Kafka's client.
 *
 * <p>Kafka takes a whole batch's memory for the first record in it, and more for a record that is longer. The batches of one
 * log that are not full are at most those under way and the one that is filled; of the full ones, two neighbours hold more
 * than one batch's worth. And no log has more batches than records.
 *
 * <p>Not for several threads at once.
 */
final class LaneBudget {
    /** Five requests under way, and one that is filled. */
    static final int BATCHES_UNDER_WAY = 6;

    private static final int RECORD_OVERHEAD_BYTES = 128;

    private final int batchBytes;
    private long freeBytes;

    /** What one appender has under way. */
    static final class Share {
        private int records;
        private long bytes;
        /** What they would take with a batch for each. */
        private long apartBytes;

        boolean isEmpty() {
            return records == 0;
        }
    }

    LaneBudget(ProducerSettings settings) {
        batchBytes = settings.batchBytes();
        freeBytes = settings.bufferBytes();
    }

    /** What an appender's records may take in the buffer at most. */
    private long taken(Share share) {
        return Math.min(share.apartBytes, (long) BATCHES_UNDER_WAY * batchBytes + 2 * share.bytes);
    }

    private void change(Share share, int records, int recordBytes) {
        int bytes = recordBytes + RECORD_OVERHEAD_BYTES;
        share.records += records;
        share.bytes += (long) records * bytes;
        share.apartBytes += (long) records * Math.max(batchBytes, bytes);
    }

    /** Takes room for one more record, if there is room, and so much besides. */
    boolean take(Share share, int recordBytes, int spareBytes) {
        long before = taken(share);
        change(share, 1, recordBytes);
        long more = taken(share) - before;
        if (more + spareBytes > freeBytes) {
            change(share, -1, recordBytes);
            return false;
        }
        freeBytes -= more;
        return true;
    }

    /** Gives back what one record has taken. */
    void giveBack(Share share, int recordBytes) {
        long before = taken(share);
        change(share, -1, recordBytes);
        freeBytes += before - taken(share);
    }

    long freeBytes() {
        return freeBytes;
    }
}
