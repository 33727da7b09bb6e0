package io.qedstore.fold;

import java.util.Optional;

/**
 * Where a fold has come to, for whoever goes on from there, and what is to be made sure of before: an owner folds what it was
 * told that the log has taken, and a log may have lost that since. {@link StillThere} makes sure.
 *
 * @param state where the fold is
 * @param last a record that the log must hold, if it has lost nothing; empty if it held none yet
 * @param read up to here the records were read; never behind the state
 */
public record FoldTip(FoldState state, Optional<Place> last, FoldState read) {
    public FoldTip {
        if (read.position().nextOffset() > state.position().nextOffset()) {
            throw new IllegalArgumentException("read up to " + read.position() + ", folded up to " + state.position());
        }
    }

    /** Of a fold that begins at a place of which nothing is to be made sure. */
    public static FoldTip of(FoldState state) {
        return new FoldTip(state, Optional.empty(), state);
    }

    /**
     * From where a file goes on.
     *
     * @param synced to which the file has certainly come
     * @param ceiling to which it may have come
     */
    public static FoldTip stored(FoldState synced, FoldState ceiling) {
        return new FoldTip(synced, ceiling.lastEvent(), synced);
    }

    boolean isAllRead() {
        return read.position().nextOffset() == state.position().nextOffset();
    }
}
