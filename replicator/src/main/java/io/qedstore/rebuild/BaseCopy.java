package io.qedstore.rebuild;

import io.qedstore.event.ContentDigest;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.log.EventLog;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.SparseCopy;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/**
 * Copies a file that goes on changing. A is a place all of whose events were in the file before the first byte was read, B the last
 * event of which a byte may have been read; what lies between is applied to the copy once more, and it is the file at B.
 */
public final class BaseCopy {
    /** Hears how the copying goes on. */
    @FunctionalInterface
    public interface Pace {
        void copied(int bytes) throws IOException;
    }

    private BaseCopy() {}

    /**
     * What is copied.
     *
     * @param view how it is read
     * @param file whose bytes the copy may share, where the file system can; nothing looks at them then
     */
    public record Source(FileView view, Optional<ChannelImageFile> file) {}

    /**
     * A copy that was made.
     *
     * @param state its place
     * @param known what the file that was copied contained there, by its own account; empty if it was not whole then
     */
    public record Copied(FoldState state, Optional<ContentDigest> known) {}

    /**
     * Fills an empty file. Not synced.
     *
     * @param source the file that is followed
     * @param log its log; nobody else may use this object
     * @param pace told of each piece that is copied, and ends the copying by an exception
     * @return the place of the copy
     */
    public static FoldState copy(
            FoldedFile followed, FileView source, EventLog log, ImageFile target, Duration patience, Pace pace)
            throws IOException {
        return copyKnown(followed, new Source(source, Optional.empty()), log, target, patience, pace)
                .state();
    }

    /** The same, for who wants to compare what the copy contains. */
    public static Copied copyKnown(
            FoldedFile followed, Source source, EventLog log, ImageFile target, Duration patience, Pace pace)
            throws IOException {
        FoldState before = followed.applied();
        if (!isShared(source, target)) {
            FileView from = source.view(); // what it has too much or too little by then comes right by redo
            SparseCopy.copyFrom(0, from, from.length(), target, (next, bytes) -> pace.copied(bytes));
        }
        Sequence last;
        Optional<ContentDigest> known;
        Lock content = followed.content();
        content.lock(); // whatever had begun before the last byte was read is whole now
        try {
            last = new Sequence(Math.max(before.sequence().value(), followed.mayHold()));
            known = contentAt(last, followed);
        } finally {
            content.unlock();
        }
        return new Copied(new Redo(log, before, target, patience).upTo(last), known);
    }

    private static Optional<ContentDigest> contentAt(Sequence last, FoldedFile followed) {
        boolean isWhole = followed.holds() == last.value() && followed.mayHold() == last.value();
        return isWhole
                ? Optional.of(new ContentDigest(
                        last,
                        followed.contentRecord().sums().lengthBytes(),
                        followed.contentRecord().sums().sum()))
                : Optional.empty();
    }

    private static boolean isShared(Source source, ImageFile target) throws IOException {
        return source.file().isPresent()
                && target instanceof ChannelImageFile to
                && to.cloneFrom(source.file().get());
    }
}
