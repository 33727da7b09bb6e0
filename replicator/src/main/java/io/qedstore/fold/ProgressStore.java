package io.qedstore.fold;

import io.qedstore.content.BlockSums;
import io.qedstore.event.ImageId;
import java.io.IOException;
import java.util.Optional;

/**
 * Keeps, for each image of a node, two places in its log: how far its file is certainly on disk, and how far it may go.
 *
 * <p>Nothing is applied to a file above the ceiling. At the next start the log must hold what lies at the ceiling: if it does
 * not, it has lost records that it had acknowledged, and the file may hold what no log has.
 */
public interface ProgressStore {
    /** The place up to which the file certainly holds all that counts. */
    Optional<FoldState> synced(ImageId image) throws IOException;

    /** The place up to which the file may hold something. */
    Optional<FoldState> ceiling(ImageId image) throws IOException;

    /** What the file contains at its synced place. One at a time for each image, which is told of what was stored. */
    BlockSums sums(ImageId image) throws IOException;

    /**
     * Called after the file was synced. Does not wait; calls that come together share one write to the disk.
     *
     * @param content what has changed in the file's sums since the call before; stored together with the place, or not at all
     */
    void storeSynced(FoldState state, BlockSums.Change content, Stored callback);

    /** The copy that is being made; empty if none is. */
    Optional<Seed> seed(ImageId image) throws IOException;

    /**
     * Called after a part of a copy was synced; does not wait. A whole one becomes the file's synced place and its ceiling.
     *
     * @param content what has changed in the file's sums since the call before; stored together with the seed, or not at all
     */
    void storeSeed(Seed seed, BlockSums.Change content, Stored callback);

    /**
     * Called before anything up to there is applied. Does not wait; calls that come together share one write. A ceiling never
     * sinks: a lower one of the same lineage is refused, unless the image was forgotten before.
     */
    void raiseCeiling(FoldState state, Stored callback);

    /** Forgets an image whose file is gone; durable when it returns. */
    void forget(ImageId image) throws IOException;

    /** Called once, by any thread, in the order of the calls for one image. Must not wait. */
    interface Stored {
        /** It survives a crash of the machine. */
        void stored();

        void failed(IOException cause);
    }
}
