package io.qedstore.history;

import io.qedstore.event.ContentDigest;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.Operation;
import io.qedstore.event.Sequence;
import io.qedstore.fold.Fold;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Verdict;
import io.qedstore.history.HistoryEntry.Kind;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.Snapshot;
import io.qedstore.log.EventLog;
import io.qedstore.log.StoredRecord;
import io.qedstore.rebuild.LogWalk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page of an image's history from its log. A page ends after so many entries, operations or bytes of log, whatever was found
 * in them; the next one goes on from the place in the log that it names. Leases are left out. One thread, which waits for the log.
 */
public final class HistoryReader {
    private static final int MAX_OPERATIONS = 8192;
    private static final long MAX_LOG_BYTES = 16L << 20;

    private final EventLog log;
    private final MetadataIndex index;
    private final Duration patience;
    private final long maxLogBytes;

    /**
     * @param log the image's; nobody else may use this object
     * @param patience how long the log may give no answer
     */
    public HistoryReader(EventLog log, MetadataIndex index, Duration patience) {
        this(log, index, patience, MAX_LOG_BYTES);
    }

    HistoryReader(EventLog log, MetadataIndex index, Duration patience, long maxLogBytes) {
        this.log = log;
        this.index = index;
        this.patience = patience;
        this.maxLogBytes = maxLogBytes;
    }

    /**
     * Reads what lies behind a place.
     *
     * @param limit of entries; a few more may come, where several belong to one event
     */
    public HistoryPage page(FoldState from, HistoryWindow window, int limit) throws IOException {
        LogWalk walk = new LogWalk(log, from, patience);
        Reading reading = new Reading(from, window, limit);
        walk.walkRecords(reading::next);
        return new HistoryPage(reading.entries, reading.end == End.FULL ? Optional.of(walk.state()) : Optional.empty());
    }

    private enum End {
        OF_LOG,
        OF_WINDOW,
        FULL
    }

    /** One page that is being made. */
    private final class Reading {
        private final HistoryWindow window;
        private final int limit;
        private final List<Snapshot> snapshots;
        private final List<Checkpoint> checkpoints;
        private final List<HistoryEntry> entries = new ArrayList<>();
        private FoldState before;
        private long operations;
        private long logBytes;
        private End end = End.OF_LOG;

        Reading(FoldState from, HistoryWindow window, int limit) throws IOException {
            this.before = from;
            this.window = window;
            this.limit = limit;
            this.snapshots = index.snapshots(from.image());
            this.checkpoints = index.checkpoints(from.image());
        }

        boolean next(StoredRecord stored, Fold.Judged judged, FoldState after) {
            LogRecord record = judged.record();
            logBytes += stored.bytes().remaining();
            if (judged.verdict() == Verdict.APPLIED && record instanceof LogRecord.Event event) {
                event(stored, event, after);
            } else if (window.range().isEmpty() && judged.verdict() != Verdict.LEASED) {
                other(stored, judged, after);
            }
            before = after;
            boolean isFull = entries.size() >= limit || operations >= MAX_OPERATIONS || logBytes >= maxLogBytes;
            if (end == End.OF_LOG && isFull) {
                end = End.FULL;
            }
            return end == End.OF_LOG;
        }

        private void event(StoredRecord stored, LogRecord.Event event, FoldState after) {
            if (event.body().flushBefore()) {
                flush();
            }
            long sequence = after.sequence().value();
            if (window.isTooLate(sequence, after.timeMicros())) {
                end = End.OF_WINDOW;
                return;
            }
            List<Operation> all = event.body().operations();
            boolean isWanted = !window.isTooEarly(sequence, after.timeMicros())
                    && (window.range().isEmpty()
                            || all.stream().anyMatch(window.range().get()::isTouchedBy));
            if (isWanted) {
                operations += all.size();
                Optional<String> said = event.body().contentDigest().map(HistoryReader::said);
                add(Kind.EVENT, after, after.timeMicros(), after.ownership().node(), stored, all, said);
                marks(after);
            }
        }

        /** Said by the event behind it. */
        private void flush() {
            long sequence = before.sequence().value();
            boolean isWanted = window.range().isEmpty()
                    && sequence > 0
                    && !window.isTooEarly(sequence, before.timeMicros())
                    && !window.isTooLate(sequence, before.timeMicros());
            if (isWanted) {
                entries.add(mark(
                        Kind.FLUSH,
                        before,
                        before.timeMicros(),
                        before.ownership().node(),
                        0,
                        Optional.empty()));
            }
        }

        /** What the catalog knows of a place. */
        private void marks(FoldState at) {
            if (window.range().isPresent()) {
                return;
            }
            Sequence sequence = at.sequence();
            for (Checkpoint checkpoint : checkpoints) {
                if (checkpoint.sequence().equals(sequence)) {
                    entries.add(mark(
                            Kind.CHECKPOINT,
                            at,
                            checkpoint.madeMicros(),
                            Optional.of(checkpoint.holder()),
                            checkpoint.storedBytes(),
                            Optional.empty()));
                }
            }
            for (Snapshot snapshot : snapshots) {
                if (snapshot.sequence().equals(sequence)) {
                    Optional<String> name = Optional.of(snapshot.name().value());
                    entries.add(mark(Kind.SNAPSHOT, at, snapshot.createdMicros(), Optional.empty(), 0, name));
                }
            }
        }

        private void other(StoredRecord stored, Fold.Judged judged, FoldState after) {
            LogRecord record = judged.record();
            long micros = record == null ? after.timeMicros() : timeMicros(record, after);
            long sequence = after.sequence().value();
            if (window.isTooEarly(sequence + 1, micros) || window.isTooLate(sequence, micros)) {
                return;
            }
            Kind kind =
                    switch (judged.verdict()) {
                        case OPENED -> Kind.CLAIM;
                        case RELEASED -> Kind.RELEASE;
                        case APPLIED, LEASED, LOST_CLAIM, OTHER_EPOCH, DUPLICATE, TOO_HIGH, WRONG_DIGEST, JUNK ->
                            Kind.VOID;
                    };
            if (kind == Kind.VOID) {
                add(kind, after, micros, writer(record), stored, List.of(), Optional.of(why(judged)));
            } else {
                add(kind, after, micros, after.ownership().node(), stored, List.of(), Optional.empty());
            }
        }

        private void add(
                Kind kind,
                FoldState at,
                long micros,
                Optional<NodeId> node,
                StoredRecord stored,
                List<Operation> all,
                Optional<String> detail) {
            entries.add(new HistoryEntry(
                    kind,
                    at.sequence(),
                    micros,
                    at.epoch(),
                    node,
                    OptionalLong.of(stored.offset()),
                    stored.bytes().remaining(),
                    all,
                    Optional.empty(),
                    detail));
        }
    }

    private static HistoryEntry mark(
            Kind kind, FoldState at, long micros, Optional<NodeId> node, long bytes, Optional<String> name) {
        return new HistoryEntry(
                kind,
                at.sequence(),
                micros,
                at.epoch(),
                node,
                OptionalLong.empty(),
                bytes,
                List.of(),
                name,
                Optional.empty());
    }

    private static String said(ContentDigest digest) {
        return "says what event " + digest.sequence() + " left in the file";
    }

    /** Only claims name who wrote them. */
    private static Optional<NodeId> writer(@Nullable LogRecord record) {
        return record instanceof LogRecord.Claim claim ? Optional.of(claim.node()) : Optional.empty();
    }

    private static long timeMicros(LogRecord record, FoldState after) {
        if (record instanceof LogRecord.Event event) {
            return event.timeMicros();
        } else if (record instanceof LogRecord.Claim claim) {
            return claim.timeMicros();
        } else if (record instanceof LogRecord.Release release) {
            return release.timeMicros();
        } else if (record instanceof LogRecord.Lease lease) {
            return lease.timeMicros();
        }
        return after.timeMicros();
    }

    private static String why(Fold.Judged judged) {
        LogRecord record = judged.record();
        String what = record == null ? "no record" : word(record);
        return what + ", " + judged.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String word(LogRecord record) {
        String of = " of epoch " + record.head().epoch();
        return record instanceof LogRecord.Event event
                ? "event " + event.sequence() + of
                : record.getClass().getSimpleName().toLowerCase(Locale.ROOT) + of;
    }
}
