package io.qedstore.rebuild;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Placement;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.Snapshot;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;

/**
 * The history of an image that several owners wrote, with clocks that differ and jump back, with flushes, content digests, and records
 * that do not count. It answers at once. What is right is kept beside it, made without a fold.
 */
public final class HistoryLog implements EventLog {
    private static final int READ_AT_ONCE = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long YEAR_2026 = 1_790_000_000_000_000L;

    final WrittenLog written;
    public final CatalogImage image;
    public final InMemoryIndex index = new InMemoryIndex();

    /** By sequence - 1: the highest time of an event up to this one. */
    final List<Long> times = new ArrayList<>();

    /** By sequence - 1: whether a flush was asked for right before it. */
    final List<Boolean> flushes = new ArrayList<>();

    private final TopicId topic = new TopicId(new UUID(4, 2));
    private final List<byte[]> records = new ArrayList<>();
    private long handedOut;
    private final List<Integer> offsets = new ArrayList<>();

    /** By sequence - 1. */
    private final List<Epoch> epochs = new ArrayList<>();

    private final Random random;
    private Epoch epoch = new Epoch(0);
    private long firstOffset;

    /** Reads fail from this offset on. */
    private long failsFrom = Long.MAX_VALUE;

    public HistoryLog(Random random, int operations) throws IOException {
        this.random = random;
        this.written = new WrittenLog(random, operations);
        this.image = new CatalogImage(
                written.start.image(),
                written.start.lineage(),
                new ImageName("vm1"),
                ImageLife.LIVE,
                1 << 20,
                TestCatalog.GEOMETRY,
                DigestAlgorithm.XXH3_128,
                Optional.empty(),
                ImageSettings.DEFAULT,
                new Placement(TestCatalog.NODE, List.of()),
                Sequence.NONE,
                YEAR_2026,
                YEAR_2026);
        write();
    }

    private void write() throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        List<ContentDigest> contents = new ArrayList<>();
        Digest previous = Digest.NONE;
        long clock = YEAR_2026;
        long highest = 0;
        for (WrittenLog.Entry entry : written.events) {
            if (epoch.value() == 0 || random.nextInt(6) == 0) {
                clock = YEAR_2026 + random.nextInt(100_000_000);
                claim(clock);
            }
            junk();
            clock += random.nextInt(1_000_000);
            long sequence = contents.size() + 1L;
            EventBody body = sequence == 1
                    ? EventBody.first(
                            DigestAlgorithm.XXH3_128,
                            List.of(operation(1)),
                            entry.event().body().changes())
                    : EventBody.of(
                            List.of(operation(sequence)), entry.event().body().changes());
            boolean flush = random.nextInt(4) == 0;
            flushes.add(flush);
            if (flush) {
                body = body.withFlushBefore();
            }
            if (!contents.isEmpty() && random.nextInt(3) == 0) {
                body = body.withContentDigest(
                        contents.get(contents.size() - 1 - random.nextInt(Math.min(9, contents.size()))));
            }
            byte[] record =
                    EventCodec.encode(new LogRecord.Event(head(), new Sequence(sequence), previous, clock, body));
            previous = DigestAlgorithm.XXH3_128.of(record);
            offsets.add(records.size());
            epochs.add(epoch);
            records.add(record);
            entry.applyTo(file);
            contents.add(new ContentDigest(
                    new Sequence(sequence), file.length(), ContentScan.sum(file, DigestAlgorithm.XXH3_128)));
            highest = Math.max(highest, clock);
            times.add(highest);
        }
    }

    /** What the history says of an event; of no matter to the file. */
    public static Operation operation(long sequence) {
        return sequence == 1
                ? new Operation(Operation.Kind.CREATE, 0, 1 << 20)
                : new Operation(Operation.Kind.WRITE, sequence * 4096, 512);
    }

    private void claim(long clock) {
        if (epoch.value() > 0 && random.nextBoolean()) {
            records.add(EventCodec.encode(new LogRecord.Release(head(), clock)));
        }
        epoch = new Epoch(epoch.value() + 1);
        records.add(EventCodec.encode(new LogRecord.Claim(
                head(), new NodeId("node-" + random.nextInt(3)), new UUID(1, epoch.value()), clock, 30_000)));
    }

    /** What an owner that has lost the image, or did not know better, has appended as well. */
    private void junk() {
        if (random.nextInt(5) == 0 && !offsets.isEmpty()) {
            records.add(records.get(offsets.get(offsets.size() - 1)));
        }
        if (random.nextInt(5) == 0) {
            RecordHead old = new RecordHead(image.id(), image.lineage(), new Epoch(0));
            records.add(EventCodec.encode(new LogRecord.Lease(old, YEAR_2026)));
        }
    }

    private RecordHead head() {
        return new RecordHead(image.id(), image.lineage(), epoch);
    }

    /** What the image's file is behind an event. */
    public byte[] bytesBehind(long sequence) throws IOException {
        return written.fileBehind(sequence).toBytes();
    }

    public long last() {
        return times.size();
    }

    /** Where a fold is behind an event. */
    public FoldState behind(long sequence) throws IOException {
        FoldState[] at = {start()};
        new LogWalk(whole(), start(), PATIENCE).walk((event, after) -> {
            at[0] = after;
            return after.sequence().value() < sequence;
        });
        return at[0];
    }

    /** Puts the image as it was behind an event into a store. */
    public CheckpointDescription checkpoint(CheckpointStore store, long sequence) throws IOException {
        MemoryImageFile file = written.fileBehind(sequence);
        ContentDigest content = new ContentDigest(
                new Sequence(sequence), file.length(), ContentScan.sum(file, DigestAlgorithm.XXH3_128));
        return store.put(new CheckpointDescription(behind(sequence), content, 0, 1), file, (next, bytes) -> {});
    }

    public FoldState start() {
        return FoldState.start(image.id(), image.lineage(), topic);
    }

    /** The highest time of an event up to this one. */
    public long timeOf(long sequence) {
        return times.get((int) sequence - 1);
    }

    /** Whether a flush was asked for right before an event. */
    public boolean isFlushedBefore(long sequence) {
        return flushes.get((int) sequence - 1);
    }

    /** The last event at or before a time; 0 if there is none. */
    long lastAt(long timeMicros) {
        return times.stream().filter(time -> time <= timeMicros).count();
    }

    /** The last flush point at or before an event; 0 if there is none. */
    long flushAtOrBefore(long sequence) {
        for (long at = Math.min(sequence, last() - 1); at > 0; at--) {
            if (flushes.get((int) at)) {
                return at;
            }
        }
        return 0;
    }

    public void snapshot(String name, long sequence) throws IOException {
        index.write(
                List.of(new CatalogChange.SnapshotSet(new Snapshot(
                        image.id(), new SnapshotName(name), new Sequence(sequence), times.get((int) sequence - 1), 1))),
                TestCatalog.position(1));
    }

    /** Deletes all records up to the one of an event. */
    void deleteUpTo(long sequence) {
        firstOffset = offsets.get((int) sequence - 1) + 1L;
    }

    /** Deletes all records before an offset. */
    public void deleteBefore(long offset) {
        firstOffset = Math.max(firstOffset, offset);
    }

    /** Of the first record that is there. */
    public long startOffset() {
        return firstOffset;
    }

    /**
     * Loses its last events, as brokers can, and gets others that change nothing.
     *
     * @param instead how many
     * @return the last of those that are left
     */
    int lose(int events, int instead) {
        int left = offsets.size() - events;
        epoch = epochs.get(left);
        records.subList(offsets.get(left), records.size()).clear();
        Digest previous = DigestAlgorithm.XXH3_128.of(records.get(offsets.get(left - 1)));
        for (int i = 1; i <= instead; i++) {
            EventBody nothing = EventBody.of(List.of(), List.of());
            byte[] record = EventCodec.encode(
                    new LogRecord.Event(head(), new Sequence(left + i), previous, YEAR_2026, nothing));
            previous = DigestAlgorithm.XXH3_128.of(record);
            records.add(record);
        }
        return left;
    }

    /** Bytes of the records of a range of offsets. */
    public long bytesBetween(long from, long to) {
        return records.subList((int) from, (int) to).stream()
                .mapToLong(record -> record.length)
                .sum();
    }

    /** Where the record of an event lies. */
    public long offsetOf(long sequence) {
        return offsets.get((int) sequence - 1);
    }

    /** One behind the last record. */
    @Override
    public long endOffset() {
        return records.size();
    }

    /** Reads fail from the record of this event on. */
    void failFrom(long sequence) {
        failsFrom = offsets.get((int) sequence - 1);
    }

    void heal() {
        failsFrom = Long.MAX_VALUE;
    }

    /** How many records were read, those that were read twice twice. */
    long handedOut() {
        return handedOut;
    }

    /** The log as it was before anything was deleted. */
    public EventLog whole() {
        return new EventLog() {
            @Override
            public TopicId topicId() {
                return topic;
            }

            @Override
            public long endOffset() {
                return records.size();
            }

            @Override
            public Appender newAppender() {
                throw new UnsupportedOperationException("is written");
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                answer(position.nextOffset(), Long.MAX_VALUE, callback);
            }
        };
    }

    @Override
    public TopicId topicId() {
        return topic;
    }

    @Override
    public Appender newAppender() {
        throw new UnsupportedOperationException("is written");
    }

    @Override
    public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
        long from = position.nextOffset();
        if (from < firstOffset) {
            callback.failed(new LogException.Gap("the log begins at " + firstOffset + ", behind " + from));
        } else {
            answer(from, failsFrom, callback);
        }
    }

    private void answer(long from, long until, ReadCallback callback) {
        if (from > records.size()) {
            callback.failed(new LogException.Truncated("the log ends at " + records.size() + ", before " + from));
        } else if (from >= until) {
            callback.failed(new LogException.Unavailable("the broker is gone"));
        } else {
            List<StoredRecord> found = new ArrayList<>();
            for (int offset = (int) from;
                    offset < Math.min(records.size(), until) && found.size() < READ_AT_ONCE;
                    offset++) {
                found.add(new StoredRecord(offset, OptionalInt.of(0), ByteBuffer.wrap(records.get(offset))));
            }
            handedOut += found.size();
            callback.read(new LogBatch(found, records.size()));
        }
    }
}
