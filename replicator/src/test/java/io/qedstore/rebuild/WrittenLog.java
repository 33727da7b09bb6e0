package io.qedstore.rebuild;

import io.qedstore.event.LogRecord.Event;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.Verdict;
import io.qedstore.log.EventLog;
import io.qedstore.log.InMemoryEventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.LoggedImage;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.DiskModel;
import io.qedstore.qed.model.RandomOperations;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/** A log with the history of an image in it, which answers at once. */
public final class WrittenLog implements EventLog {
    private final InMemoryEventLog inner;
    public final FoldState start;
    public final List<Entry> events = new ArrayList<>();

    /** An event that counts, and where a fold is behind it. */
    public record Entry(Event event, FoldState after) {
        void applyTo(MemoryImageFile file) throws IOException {
            for (QedChange change : event.body().changes()) {
                change.applyTo(file);
            }
        }
    }

    public WrittenLog(Random random, int operations) throws IOException {
        inner = new InMemoryEventLog();
        start = LoggedImage.start(inner);
        TestDisk disk = TestDisk.random(random);
        TestBacking backing = disk.newBacking(random);
        DiskModel model = new DiskModel(disk, backing);
        RandomOperations next = new RandomOperations(random, disk, backing);
        try (LoggedImage image = new LoggedImage(
                disk,
                backing,
                new MemoryImageFile(),
                inner,
                start,
                new InMemoryProgress(),
                Runnable::run,
                inner::answerReads)) {
            for (int i = 0; i < operations; i++) {
                var operation = next.next(model.sizeBytes());
                image.perform(operation);
                model.apply(operation);
            }
        }
        Fold fold = new Fold(start);
        for (int offset = 0; offset < inner.records().size(); offset++) {
            ByteBuffer record = ByteBuffer.wrap(inner.records().get(offset));
            Fold.Judged judged = fold.next(new StoredRecord(offset, OptionalInt.of(0), record));
            if (judged.verdict() == Verdict.APPLIED) {
                events.add(new Entry(judged.toApply().orElseThrow(), fold.state()));
            }
        }
    }

    /** Where a fold is behind so many events. */
    public FoldState behind(int count) {
        return count == 0 ? start : events.get(count - 1).after();
    }

    /** The image behind so many events. */
    public MemoryImageFile fileBehind(long count) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        for (Entry entry : events.subList(0, (int) count)) {
            entry.applyTo(file);
        }
        return file;
    }

    public static byte[] bytes(MemoryImageFile file) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) file.length());
        file.read(0, all);
        return all.array();
    }

    @Override
    public TopicId topicId() {
        return inner.topicId();
    }

    @Override
    public long endOffset() {
        return inner.endOffset();
    }

    @Override
    public Appender newAppender() {
        throw new UnsupportedOperationException("is written");
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        inner.read(position, atEnd, callback);
        inner.answerReads();
    }

    /** One that never answers. */
    EventLog silent() {
        return new EventLog() {
            @Override
            public TopicId topicId() {
                return inner.topicId();
            }

            @Override
            public long endOffset() {
                return inner.endOffset();
            }

            @Override
            public Appender newAppender() {
                throw new UnsupportedOperationException("is silent");
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {}
        };
    }

    /** One that cannot be read. */
    EventLog failing(LogException cause) {
        return new EventLog() {
            @Override
            public TopicId topicId() {
                return inner.topicId();
            }

            @Override
            public long endOffset() {
                return inner.endOffset();
            }

            @Override
            public Appender newAppender() {
                throw new UnsupportedOperationException("fails");
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                callback.failed(cause);
            }
        };
    }
}
