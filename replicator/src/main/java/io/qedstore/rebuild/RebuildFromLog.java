package io.qedstore.rebuild;

import io.qedstore.content.BlockSums;
import io.qedstore.content.FileSums;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.content.SummedFile;
import io.qedstore.digest.Digest;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentDivergedException;
import io.qedstore.fold.ContentRecord;
import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ChannelImageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The second half of a {@link Rebuild}: applies events to a file, and compares what the log says of its content. In groups: before one
 * is applied it is stored that the file may hold it. One thread.
 */
final class RebuildFromLog {
    private static final long SYNC_EVERY_BYTES = 64L << 20;

    private final RebuildSource source;
    private final RebuildWatcher watcher;
    private final ProgressStore progress;
    private final long bytesPerGroup;
    private final Part part;
    private final Sequence last;

    /** What was there. */
    private final RebuildProgress.Redoing begin;

    private final ContentRecord record;
    private final SummedFile target;

    /** Read, and not applied yet. */
    private final List<Read> group = new ArrayList<>();

    private long groupBytes;

    /** Up to here the file certainly has all. */
    private FoldState stored;

    /** The last place of which the content was noted. */
    private FoldState noted;

    /** The last event of which the file may hold anything, as it is stored. */
    private long ceiling;

    private Digest ceilingDigest;

    private long unsyncedBytes;

    /** A file that grows, and the digests of its blocks. */
    record Part(ChannelImageFile file, ChannelImageFile sumsFile, FileSums sums, BlockSums blocks) {}

    /** Where it is noted how far this has come. */
    @FunctionalInterface
    interface ProgressStore {
        /** It is on the disk when this returns. */
        void store(RebuildProgress.Redoing progress) throws IOException;
    }

    /** An event that was read, and where the fold is behind it. */
    private record Read(Event event, FoldState after) {}

    /** The file may have something of events that the log does not have any more. */
    static final class LostEventsException extends IOException {
        private static final long serialVersionUID = 1;

        LostEventsException(String message) {
            super(message);
        }
    }

    /**
     * @param last the event behind which the file is wanted, or {@link Rebuild#END}
     * @param bytesPerGroup about so many bytes of events are read before they are applied
     */
    RebuildFromLog(
            RebuildSource source,
            RebuildWatcher watcher,
            ProgressStore progress,
            Part part,
            RebuildProgress.Redoing begin,
            Sequence last,
            long bytesPerGroup) {
        this.source = source;
        this.watcher = watcher;
        this.progress = progress;
        this.bytesPerGroup = bytesPerGroup;
        this.part = part;
        this.last = last;
        this.begin = begin;
        this.stored = begin.state();
        this.noted = begin.state();
        this.ceiling = begin.ceiling();
        this.ceilingDigest = begin.digest();
        this.record = new ContentRecord(part.blocks(), begin.ceiling());
        this.target = new SummedFile(
                new KnownBlocks(part.file(), part.blocks(), source.image().digestAlgorithm(), Mender.NONE),
                () -> false);
    }

    /**
     * @param verifiedBefore a checkpoint's sequence
     * @throws LostEventsException if the file has to be made anew
     */
    Rebuild.Rebuilt run(Sequence verifiedBefore) throws IOException {
        note();
        if (noted.sequence().compareTo(last) < 0) {
            sync();
            watcher.begun(last.equals(Rebuild.END) ? source.log().endOffset() : last.value());
            new LogWalk(source.log(), noted, source.patience()).walk(this::read);
            applyGroup();
        }
        requireReached();
        confirm();
        return new Rebuild.Rebuilt(
                noted,
                new ContentDigest(
                        noted.sequence(), part.file().length(), part.blocks().sum()),
                record.verified().map(ContentDigest::sequence).orElse(verifiedBefore));
    }

    private void requireReached() throws IOException {
        if (last.equals(Rebuild.END)) {
            if (noted.sequence().equals(Sequence.NONE)) {
                throw PointException.noEvent(source.image(), new Point.Latest());
            }
            if (noted.sequence().value() < begin.ceiling()) {
                throw lostEvents("more than its log, which ends at event " + noted.sequence());
            }
        } else if (noted.sequence().compareTo(last) < 0) {
            throw new LogException.Truncated("image " + source.image().name() + " has no event " + last
                    + ": its log ends at event " + noted.sequence());
        }
    }

    /** One that was killed may have applied what brokers have lost since: nothing has overwritten that. */
    private LostEventsException lostEvents(String what) {
        return new LostEventsException(
                "what was made of image " + source.image().name() + " before may have " + what);
    }

    /** What the file contains is known now; the record leaves out what it may not have alone. */
    private void note() {
        if (!noted.sequence().equals(Sequence.NONE)) {
            record.add(new ContentDigest(
                    noted.sequence(), part.file().length(), part.blocks().sum()));
        }
    }

    private boolean read(Event event, FoldState after) throws IOException {
        if (after.sequence().compareTo(last) > 0) {
            return false;
        }
        if (after.sequence().value() == begin.ceiling() && !after.digest().equals(begin.digest())) {
            throw lostEvents("another event " + after.sequence() + " than its log has now");
        }
        group.add(new Read(event, after));
        groupBytes += event.body().maxEncodedBytes();
        if (groupBytes >= bytesPerGroup) {
            applyGroup();
        }
        return true;
    }

    /** Notes that the file may hold these events, which the log is known to have, and puts them into it. */
    private void applyGroup() throws IOException {
        if (group.isEmpty()) {
            return;
        }
        FoldState end = group.get(group.size() - 1).after();
        if (end.sequence().value() > ceiling) {
            ceiling = end.sequence().value();
            ceilingDigest = end.digest();
            progress.store(new RebuildProgress.Redoing(stored, ceiling, ceilingDigest));
        }
        for (Read next : group) {
            apply(next.event(), next.after());
        }
        group.clear();
        groupBytes = 0;
    }

    private void apply(Event event, FoldState after) throws IOException {
        compare(event);
        long bytes = event.body().maxEncodedBytes();
        if (unsyncedBytes + bytes > SYNC_EVERY_BYTES) {
            sync();
        }
        watcher.redone(bytes);
        for (QedChange change : event.body().changes()) {
            change.applyTo(target);
        }
        unsyncedBytes += bytes;
        noted = after;
        note();
        watcher.at(RebuildWatcher.Step.APPLIED, noted.sequence().value());
    }

    private void compare(Event next) throws ContentDivergedException {
        if (next.body().contentDigest().isPresent()) {
            record.compare(next.body().contentDigest().get(), source.image().id());
        }
    }

    private void sync() throws IOException {
        BlockSums.Change change = part.blocks().take();
        part.sums().store(change);
        part.blocks().stored(change);
        part.file().sync();
        part.sumsFile().sync();
        watcher.at(RebuildWatcher.Step.SYNCED, noted.sequence().value());
        unsyncedBytes = 0;
        stored = noted;
        progress.store(new RebuildProgress.Redoing(stored, ceiling, ceilingDigest));
    }

    /** What is said of the file by events behind the last, and is known of it. */
    private void confirm() throws IOException {
        long reached = noted.sequence().value();
        new LogWalk(source.log(), noted, source.patience()).walk((event, after) -> {
            compare(event);
            boolean isDone = record.verified().isPresent()
                    && record.verified().get().sequence().value() >= reached;
            return !isDone && after.sequence().value() < reached + ContentRecord.KEPT;
        });
    }
}
