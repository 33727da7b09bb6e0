package io.qedstore.fold;

import io.qedstore.content.BlockSums;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.ImageId;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file contained after each of the last events, to be compared with what its log says of them. Events are added by one
 * thread; the rest may be asked by any.
 */
public final class ContentRecord {
    /** An event says what the file contained after one that lies at most so many before it. */
    public static final int KEPT = 512;

    private final BlockSums sums;

    /** The file may hold parts of events up to this one; before it is whole, it cannot be compared. */
    private final long wholeFrom;

    // ---- guarded by this object's monitor

    /** By the sequence's remainder. */
    private @Nullable ContentDigest[] kept = new ContentDigest[0];

    private @Nullable ContentDigest last;
    private @Nullable ContentDigest verified;
    private @Nullable String difference;

    /** @param wholeFrom the file may hold parts of events up to this one */
    public ContentRecord(BlockSums sums, long wholeFrom) {
        this.sums = sums;
        this.wholeFrom = wholeFrom;
    }

    /** The file contains this now. */
    public synchronized void add(ContentDigest content) {
        long sequence = content.sequence().value();
        if (sequence < wholeFrom) {
            return;
        }
        int place = (int) (sequence % KEPT);
        if (place >= kept.length) {
            kept = Arrays.copyOf(kept, Math.min(KEPT, Math.max(16, 2 * (place + 1))));
        }
        kept[place] = content;
        last = content;
    }

    /**
     * Compares what the log says.
     *
     * @throws ContentDivergedException if the file contained something else
     */
    public synchronized void compare(ContentDigest said, ImageId image) throws ContentDivergedException {
        int place = (int) (said.sequence().value() % KEPT);
        ContentDigest found = place < kept.length ? kept[place] : null;
        if (found == null || !found.sequence().equals(said.sequence())) {
            return; // it is not known any more, or not yet
        }
        if (!found.equals(said)) {
            String what = "the file of image " + image + " diverged at event " + said.sequence() + ": content digest "
                    + found.sum() + " over " + found.fileLengthBytes() + " bytes, expected " + said.sum() + " over "
                    + said.fileLengthBytes() + "; the copy must be made anew";
            difference = what;
            throw new ContentDivergedException(what);
        }
        verified = said;
    }

    /** After the last event that is in the file; empty while that cannot be known. */
    public synchronized Optional<ContentDigest> last() {
        return Optional.ofNullable(last);
    }

    /** The last one that the log has confirmed. */
    public synchronized Optional<ContentDigest> verified() {
        return Optional.ofNullable(verified);
    }

    /** How it differed from what the log says; empty as long as it does not. */
    public synchronized Optional<String> difference() {
        return Optional.ofNullable(difference);
    }

    /** The digests of the file's blocks. */
    public BlockSums sums() {
        return sums;
    }
}
