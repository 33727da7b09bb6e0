package io.qedstore.log.kafka;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.TopicWatch.Extent;

/**
 * A log that is a topic.
 *
 * <p>The topic is the one that was there when the log was opened. Kafka appends to another that has taken its name without a
 * word, and offsets begin at 0 again; reads notice it within a second, and at once
 * after a new appender was made.
 *
 * <p>Two that read the same log want a log object each: one object's reads are meant to go on from each other.
 */
public final class KafkaEventLog implements EventLog {
    private final LogName name;
    private final TopicId topicId;
    private final LogAdmin admin;
    private final ProducerLanes lanes;
    private final LogReader reader;

    KafkaEventLog(LogName name, TopicId topicId, LogAdmin admin, ProducerLanes lanes, LogReader reader) {
        this.name = name;
        this.topicId = topicId;
        this.admin = admin;
        this.lanes = lanes;
        this.reader = reader;
    }

    public LogName name() {
        return name;
    }

    @Override
    public TopicId topicId() {
        return topicId;
    }

    /**
     * {@inheritDoc}
     *
     * <p>It shares a producer with other logs' appenders: see {@link KafkaAppender} for what they cost each other.
     */
    @Override
    public Appender newAppender() {
        reader.distrust(name);
        return lanes.newAppender(name);
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        reader.read(new Read(name, topicId, position, System.nanoTime(), atEnd, callback));
    }

    @Override
    public long endOffset() throws LogException {
        return range().endOffset();
    }

    /**
     * From where to where the log reaches. Waits for the brokers.
     *
     * @throws LogException.Recreated if it is another topic now
     */
    public LogRange range() throws LogException {
        Extent extent = admin.extent(name);
        if (!extent.topicId().equals(topicId)) {
            throw TopicSight.recreated("ask about " + name, topicId, extent.topicId());
        }
        return new LogRange(extent.start(), extent.end());
    }

    /**
     * Deletes the records before an offset, for ever. Waits for the brokers. The log begins there when it returns; its files
     * get smaller later, and only by whole segments.
     *
     * @throws LogException.Refused if the log ends before that offset
     */
    public void deleteBefore(long offset) throws LogException {
        LogRange range = range();
        if (offset > range.endOffset()) {
            throw new LogException.Refused("cannot delete records of " + name + " before offset " + offset
                    + ": the log ends at " + range.endOffset());
        }
        admin.deleteBefore(name, offset);
    }

    /**
     * From where to where a log reaches.
     *
     * @param startOffset of the first record that is there
     * @param endOffset one behind the last
     */
    public record LogRange(long startOffset, long endOffset) {}
}
