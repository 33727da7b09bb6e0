package io.qedstore.log;

import java.util.OptionalInt;

/**
 * From where to read.
 *
 * @param nextOffset of the next record, 0 at the beginning
 * @param leaderEpoch of the record before: by it the brokers tell a history that was cut off from the one that replaced it
 */
public record LogPosition(long nextOffset, OptionalInt leaderEpoch) {
    public static final LogPosition START = new LogPosition(0, OptionalInt.empty());

    public LogPosition {
        if (nextOffset < 0) {
            throw new IllegalArgumentException("offset " + nextOffset + " is negative");
        }
    }

    public static LogPosition after(StoredRecord record) {
        return new LogPosition(record.offset() + 1, record.leaderEpoch());
    }
}
