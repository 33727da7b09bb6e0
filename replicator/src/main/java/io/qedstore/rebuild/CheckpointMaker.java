package io.qedstore.rebuild;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.content.BlockDigest;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.Digest;
import io.qedstore.event.ContentDigest;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.log.EventLog;
import io.qedstore.qed.file.ChannelImageFile;
import java.io.IOException;
import java.time.Duration;

/**
 * Makes checkpoints of a file that is in use: a base copy, of which all bytes are read again and compared with what the file is known
 * to contain at that event. What differs, or cannot be compared, is no checkpoint.
 */
public final class CheckpointMaker {
    private final LocalCheckpoints store;
    private final Duration patience;
    private final BaseCopy.Pace pace;

    /**
     * @param patience how long the log may give no answer
     * @param pace told of each piece that is copied or read again, and ends that by an exception
     */
    public CheckpointMaker(LocalCheckpoints store, Duration patience, BaseCopy.Pace pace) {
        this.store = store;
        this.patience = patience;
        this.pace = pace;
    }

    /**
     * Makes one; it is there for good when this returns, and nothing of it if this throws.
     *
     * @param source the file that is followed
     * @param log its log; nobody else may use this object
     * @param nowMicros for people
     * @throws CheckpointException.NotVerified if the copy cannot be shown to be right
     */
    public CheckpointDescription make(FoldedFile followed, BaseCopy.Source source, EventLog log, long nowMicros)
            throws IOException {
        try (LocalCheckpoints.Draft draft = store.begin(followed.applied().image())) {
            BaseCopy.Copied copied = BaseCopy.copyKnown(followed, source, log, draft.file(), patience, pace);
            ContentDigest content = verified(copied, draft.file());
            return draft.publish(new CheckpointDescription(copied.state(), content, 0, nowMicros));
        }
    }

    private ContentDigest verified(BaseCopy.Copied copied, ChannelImageFile copy) throws IOException {
        FoldState state = copied.state();
        String what = "the copy of image " + state.image() + " at event " + state.sequence();
        if (state.algorithm().isEmpty()) {
            throw new CheckpointException.NotVerified(what + " cannot be verified: it holds nothing yet");
        }
        ContentDigest known = copied.known()
                .orElseThrow(() -> new CheckpointException.NotVerified(what
                        + " cannot be verified: after a crash its file is not whole before it has followed its log"));
        Digest sum =
                ContentScan.sum(copy, state.algorithm().get(), (block, digest) -> pace.copied(BlockDigest.BLOCK_BYTES));
        if (!sum.equals(known.sum()) || copy.length() != known.fileLengthBytes()) {
            throw new CheckpointException.NotVerified(what + " has content digest " + sum + " over " + copy.length()
                    + " bytes, expected " + known.sum() + " over " + known.fileLengthBytes()
                    + "; scrub the image, whose file may be damaged");
        }
        return known;
    }
}
