package io.qedstore.retention;

import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import io.qedstore.rebuild.LogWalk;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Counts how many bytes of an image's log lie behind an event. Reads each record once. One thread. */
final class LogMeter {
    private final long step;
    private final Duration patience;
    private FoldState read;
    private long total;

    /** Some events, and the bytes up to each, that event's included. */
    private final NavigableMap<Long, Long> marks = new TreeMap<>();

    /**
     * @param from where to begin
     * @param step every so many bytes one event is remembered
     */
    LogMeter(FoldState from, long step, Duration patience) {
        this.read = from;
        this.step = step;
        this.patience = patience;
    }

    /** Reads what has come since. */
    void goOn(EventLog log) throws IOException {
        LogWalk walk = new LogWalk(log, read, patience);
        long before = total;
        walk.walk((event, after) -> {
            total = before + walk.readBytes();
            mark(after.sequence().value());
            return true;
        });
        total = before + walk.readBytes();
        read = walk.state();
    }

    private void mark(long sequence) {
        Map.Entry<Long, Long> last = marks.lastEntry();
        if (last == null || total - last.getValue() >= step) {
            marks.put(sequence, total);
        }
    }

    /** Behind an event that was read: never more than there are, and less by what lies up to the next one that is remembered. */
    long bytesBehind(Sequence sequence) {
        Map.Entry<Long, Long> mark = marks.ceilingEntry(sequence.value());
        return mark == null ? 0 : total - mark.getValue();
    }

    /** Of all that was read. */
    long total() {
        return total;
    }

    /** What lies up to an event is not asked for any more. */
    void forgetUpTo(Sequence sequence) {
        marks.headMap(sequence.value(), false).clear();
    }
}
