package io.qedstore.log;

import java.util.List;

/**
 * What one read has brought.
 *
 * @param records neighbours, from the position on that was asked for; empty if there are none yet
 * @param endOffset one behind the last record that readers can see, at the time of the read or a little before
 */
public record LogBatch(List<StoredRecord> records, long endOffset) {
    public LogBatch {
        records = List.copyOf(records);
    }
}
