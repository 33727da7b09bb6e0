package io.qedstore.rebuild;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.content.BlockSums;
import io.qedstore.content.FileSums;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentDivergedException;
import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an image's file as it was behind an event: from the newest checkpoint at or before it, or from nothing, and the log from there
 * on. The file appears under its name once it is whole:
 *
 * <pre>
 *   NAME.part            grows
 *   NAME.part.sums       the digests of its blocks
 *   NAME.part.progress   how far it has certainly come
 * </pre>
 *
 * <p>A rebuild that was killed goes on from what lies there, if that is of the same image and not beyond the event; else it begins
 * anew. What the log says of the file's content is compared on the way. Memory does not depend on the size of the image or of the log.
 * One thread.
 */
public final class Rebuild {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    private static final long SYNC_EVERY_BYTES = 64L << 20;

    /** So much is read before it is noted that the file may hold it, and applied. */
    private static final long GROUP_BYTES = 8L << 20;

    /** Stands for the last event that the log has when it is read. */
    public static final Sequence END = new Sequence(Long.MAX_VALUE);

    private final RebuildSource source;
    private final RebuildWatcher watcher;
    private final long bytesPerGroup;
    private final Optional<Path> sumsTarget;

    private final Path target;
    private final Path part;
    private final Path sumsFile;
    private final Path progressFile;

    /** @param watcher hears how it goes on */
    public Rebuild(RebuildSource source, Path target, RebuildWatcher watcher) {
        this(source, target, Optional.empty(), watcher, GROUP_BYTES);
    }

    /** @param sums where the digests of the file's blocks are to be, as {@link FileSums} keeps them; there before the file is */
    public Rebuild(RebuildSource source, Path target, Path sums, RebuildWatcher watcher) {
        this(source, target, Optional.of(sums), watcher, GROUP_BYTES);
    }

    Rebuild(RebuildSource source, Path target, RebuildWatcher watcher, long bytesPerGroup) {
        this(source, target, Optional.empty(), watcher, bytesPerGroup);
    }

    private Rebuild(
            RebuildSource source, Path target, Optional<Path> sumsTarget, RebuildWatcher watcher, long bytesPerGroup) {
        this.source = source;
        this.sumsTarget = sumsTarget;
        this.bytesPerGroup = bytesPerGroup;
        this.target = target;
        this.watcher = watcher;
        this.part = beside(target, ".part");
        this.sumsFile = beside(target, ".part.sums");
        this.progressFile = beside(target, ".part.progress");
    }

    /**
     * What was made.
     *
     * @param verified the last event of which the log has confirmed what the file contained, or a checkpoint; 0 if there was neither
     */
    public record Rebuilt(FoldState state, ContentDigest content, Sequence verified) {}

    /**
     * Makes the file as it was behind an event; it is on the disk under its name when this returns.
     *
     * @param last or {@link #END}
     * @throws FileAlreadyExistsException if there is one of that name
     * @throws PointException if the log has no events at all
     * @throws NotCoveredException if the log does not reach back, and no checkpoint helps
     * @throws LogException.Truncated if the log ends before that event
     */
    public Rebuilt upTo(Sequence last) throws IOException {
        if (Files.exists(target)) {
            if (!Files.exists(part)) {
                removeParts(); // it was killed when all was done
            }
            throw new FileAlreadyExistsException(target.toString());
        }
        while (true) {
            Begin begin = begin(last);
            try {
                return run(begin, last);
            } catch (CheckpointException e) {
                source.leaveOut(begin.checkpoint().orElseThrow(() -> e), e);
                removeParts();
            } catch (ContentDivergedException | PointException e) {
                removeParts(); // what was made so far is wrong, or nothing
                throw e;
            } catch (RebuildFromLog.LostEventsException e) {
                LOG.warn("{}; it is made anew", e.getMessage());
                removeParts();
            } catch (LogException.Truncated e) {
                if (!last.equals(END) || begin.redoing().isEmpty()) {
                    throw e;
                }
                LOG.warn(
                        "what was made of image {} before is left out: {}",
                        source.image().name(),
                        e.getMessage());
                removeParts();
            } catch (LogException.Gap e) {
                if (begin.redoing().isEmpty()) {
                    throw source.notCovered(e);
                }
                removeParts(); // the log does not reach back to where this stopped; a checkpoint may help
            }
        }
    }

    private static Path beside(Path target, String end) {
        return target.resolveSibling(target.getFileName() + end);
    }

    /** Whether a rebuild of this name was ended before it was done, and can go on. */
    public static boolean isBegun(Path target) {
        return Files.exists(beside(target, ".part.progress"));
    }

    /** Removes what a rebuild of this name has left, if it is not to go on. */
    public static void removeParts(Path target) throws IOException {
        Files.deleteIfExists(beside(target, ".part.progress")); // first: without it the rest is nothing
        Files.deleteIfExists(beside(target, ".part"));
        Files.deleteIfExists(beside(target, ".part.sums"));
    }

    private void removeParts() throws IOException {
        removeParts(target);
    }

    // ---- from where

    /**
     * From where to begin.
     *
     * @param redoing what was made already; empty if that was not so far
     * @param checkpoint to be restored, or empty
     * @param next from where
     */
    private record Begin(
            Optional<RebuildProgress.Redoing> redoing, Optional<RebuildSource.Found> checkpoint, long next) {}

    private Begin begin(Sequence last) throws IOException {
        Optional<RebuildProgress> kept = kept().filter(progress -> isUsable(progress, last));
        if (kept.isPresent() && kept.get() instanceof RebuildProgress.Redoing redoing) {
            return new Begin(Optional.of(redoing), Optional.empty(), 0);
        }
        if (kept.isPresent() && kept.get() instanceof RebuildProgress.Restoring restoring) {
            Optional<RebuildSource.Found> again =
                    source.newest(found -> found.state().equals(restoring.state()));
            if (again.isPresent() && again.get().store().holder().equals(restoring.holder())) {
                return new Begin(Optional.empty(), again, restoring.next());
            }
        }
        removeParts();
        return new Begin(
                Optional.empty(), source.newest(found -> found.sequence().compareTo(last) <= 0), 0);
    }

    private Optional<RebuildProgress> kept() throws IOException {
        boolean isThere = Files.exists(part)
                && Files.exists(sumsFile)
                && Files.exists(progressFile)
                && Files.size(progressFile) <= RebuildProgress.MAX_BYTES;
        return isThere ? RebuildProgress.decode(Files.readAllBytes(progressFile)) : Optional.empty();
    }

    private boolean isUsable(RebuildProgress progress, Sequence last) {
        FoldState state = progress.state();
        boolean isOurs = state.image().equals(source.image().id())
                && state.lineage().equals(source.start().lineage())
                && state.topicId().equals(source.start().topicId());
        long reached = state.sequence().value();
        if (progress instanceof RebuildProgress.Redoing redoing) {
            reached = Math.max(reached, redoing.ceiling());
        }
        return isOurs && reached <= last.value();
    }

    private Rebuilt run(Begin begin, Sequence last) throws IOException {
        Rebuilt made;
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(part);
                ChannelImageFile sumsOf = ChannelImageFile.createOrOpen(sumsFile)) {
            FileSums sums = new FileSums(sumsOf);
            boolean isRestored = begin.redoing().isEmpty() && begin.checkpoint().isPresent();
            BlockSums blocks =
                    isRestored ? restore(begin.checkpoint().get(), file, sums, begin.next()) : sums.open(file.length());
            RebuildProgress.Redoing from = begin.redoing()
                    .orElseGet(() -> RebuildProgress.Redoing.at(begin.checkpoint()
                            .map(found -> found.description().state())
                            .orElse(source.start())));
            RebuildFromLog fromLog = new RebuildFromLog(
                    source,
                    watcher,
                    this::store,
                    new RebuildFromLog.Part(file, sumsOf, sums, blocks),
                    from,
                    last,
                    bytesPerGroup);
            made = fromLog.run(begin.checkpoint()
                    .map(found -> found.description().sequence())
                    .orElse(Sequence.NONE));
            file.sync();
            if (sumsTarget.isPresent()) {
                sums.store(blocks.take());
                sumsOf.sync();
            }
            watcher.at(RebuildWatcher.Step.WHOLE, made.state().sequence().value());
        }
        if (sumsTarget.isPresent()) {
            DurableFile.rename(sumsFile, sumsTarget.get());
        }
        DurableFile.rename(part, target);
        watcher.at(RebuildWatcher.Step.NAMED, made.state().sequence().value());
        removeParts();
        return made;
    }

    // ---- the checkpoint

    private BlockSums restore(RebuildSource.Found from, ChannelImageFile file, FileSums sums, long next)
            throws IOException {
        CheckpointDescription description = from.description();
        long[] unsynced = new long[1];
        from.store().restore(description, file, next, (reached, bytes) -> {
            watcher.copied(bytes);
            unsynced[0] += bytes;
            if (unsynced[0] >= SYNC_EVERY_BYTES) {
                unsynced[0] = 0;
                file.sync();
                store(new RebuildProgress.Restoring(
                        description.state(), from.store().holder(), reached));
            }
            watcher.at(RebuildWatcher.Step.RESTORING, reached);
        });
        BlockSums made = sums.make(file, description.algorithm());
        watcher.at(RebuildWatcher.Step.RESTORED, description.sequence().value());
        ContentDigest expected = description.content();
        if (!made.sum().equals(expected.sum()) || file.length() != expected.fileLengthBytes()) {
            throw new CheckpointException.Damaged(description + " contains " + made.sum() + " over " + file.length()
                    + " bytes, expected " + expected.sum() + " over " + expected.fileLengthBytes());
        }
        return made;
    }

    private void store(RebuildProgress progress) throws IOException {
        DurableFile.replace(progressFile, RebuildProgress.encode(progress));
        watcher.at(RebuildWatcher.Step.STORED, progress.state().sequence().value());
    }
}
