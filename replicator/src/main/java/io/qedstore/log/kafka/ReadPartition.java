package io.qedstore.log.kafka;

import io.qedstore.log.EventLog.AtEnd;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One log, as a reader's consumer sees it: the reads that wait, and what was fetched and not handed out yet.
 *
 * <p>Used by the reader's thread alone.
 */
final class ReadPartition {
    private final TopicPartition partition;
    private final TopicSight sight;
    private final Queue<Read> reads = new ArrayDeque<>();

    private boolean positioned;
    private boolean examined;
    private boolean askedForEnd;
    private @Nullable Read notAtEnd;
    /** Where the next record to hand out lies. */
    private LogPosition next = LogPosition.START;

    private final Queue<StoredRecord> held = new ArrayDeque<>();
    private long heldBytes;
    private long usedNanos;
    private long movedNanos;
    private long heldNanos;
    private final long maxAgeNanos;
    private final int batchBytes;

    /** Behind the last record that is held. */
    private long heldEnd;

    ReadPartition(String topic, ReaderSettings settings) {
        partition = new TopicPartition(topic, 0);
        batchBytes = settings.batchBytes();
        maxAgeNanos = settings.topicCheckAge().toNanos();
        sight = new TopicSight(maxAgeNanos);
    }

    TopicPartition partition() {
        return partition;
    }

    TopicSight sight() {
        return sight;
    }

    Queue<Read> reads() {
        return reads;
    }

    /** Whether the consumer has a position in it, and so it is one of the consumer's partitions. */
    boolean isPositioned() {
        return positioned;
    }

    /** Where the next record to hand out lies. */
    LogPosition next() {
        return next;
    }

    /** Whether the next record to hand out is the one that a position asks for. */
    boolean isAt(LogPosition position) {
        return positioned
                && next.nextOffset() == position.nextOffset()
                && (position.leaderEpoch().isEmpty()
                        || next.leaderEpoch().isEmpty()
                        || position.leaderEpoch().equals(next.leaderEpoch()));
    }

    void moveTo(LogPosition position, long nowNanos) {
        drop();
        movedNanos = nowNanos;
        next = position;
        positioned = true;
    }

    /** The consumer's position is no good any more. */
    void losePosition() {
        drop();
        positioned = false;
    }

    /** Whether the brokers are being asked what is wrong with the position. */
    boolean isExamined() {
        return examined;
    }

    void setExamined(boolean now) {
        examined = now;
    }

    /** Whether the brokers are being asked where the log ends. */
    boolean isAskedForEnd() {
        return askedForEnd;
    }

    void setAskedForEnd(boolean now) {
        askedForEnd = now;
    }

    /** The log goes on behind this read's position: it only has to be fetched. */
    void setNotAtEnd(Read read) {
        notAtEnd = read;
    }

    /** Whether a read wants to know if there is anything, and nobody has found out. */
    boolean wantsEnd(Read read) {
        return read.atEnd() == AtEnd.ANSWER && !read.equals(notAtEnd);
    }

    /** @return how many bytes came */
    long hold(List<ConsumerRecord<byte[], ByteBuffer>> records, long nowNanos) {
        heldNanos = nowNanos;
        long bytes = 0;
        for (ConsumerRecord<byte[], ByteBuffer> record : records) {
            ByteBuffer value = record.value() == null ? ByteBuffer.allocate(0) : record.value();
            OptionalInt epoch = record.leaderEpoch().map(OptionalInt::of).orElseGet(OptionalInt::empty);
            held.add(new StoredRecord(record.offset(), epoch, value));
            heldEnd = record.offset() + 1;
            bytes += value.remaining();
        }
        heldBytes += bytes;
        return bytes;
    }

    /** Whether a read would get all that is held, and that was fetched long before it: the log's end is another by now. */
    boolean isOldFor(Read read) {
        return !held.isEmpty() && heldBytes <= batchBytes && read.askedNanos() - heldNanos > maxAgeNanos;
    }

    boolean holdsRecords() {
        return !held.isEmpty();
    }

    long heldBytes() {
        return heldBytes;
    }

    /**
     * Hands out what one read brings.
     *
     * @param lag how many offsets lie behind what is held
     * @param keepsRest whether there is room for what is more than that; else all is handed out
     */
    LogBatch handOut(long lag, boolean keepsRest) {
        List<StoredRecord> batch = new ArrayList<>();
        long bytes = 0;
        while (!held.isEmpty() && !(keepsRest && bytes >= batchBytes)) {
            StoredRecord first = held.remove();
            batch.add(first);
            bytes += first.bytes().remaining();
            next = LogPosition.after(first);
        }
        heldBytes -= bytes;
        return new LogBatch(batch, heldEnd + lag);
    }

    LogBatch empty(long lag) {
        return new LogBatch(List.of(), next.nextOffset() + lag);
    }

    private void drop() {
        held.clear();
        heldBytes = 0;
    }

    /** When the first read began to wait: if others wait behind it, it gets its time from when its turn came. */
    long waitingSince(Read first) {
        return reads.size() > 1 ? Math.max(first.askedNanos(), movedNanos) : first.askedNanos();
    }

    void used(long nowNanos) {
        usedNanos = nowNanos;
    }

    boolean isIdle(long nowNanos, long idleNanos) {
        return reads.isEmpty() && nowNanos - usedNanos > idleNanos;
    }
}
