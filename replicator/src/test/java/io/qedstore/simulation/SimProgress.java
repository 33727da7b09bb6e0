package io.qedstore.simulation;

import io.qedstore.content.BlockSums;
import io.qedstore.content.StoredSums;
import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Ownership;
import io.qedstore.fold.ProgressStore;
import io.qedstore.fold.Seed;
import java.io.IOException;
import java.util.Optional;

/** A node's stored positions: what was stored survives, what was under way at a crash does not. */
final class SimProgress implements ProgressStore {
    private final SimNode node;
    private final Bug bug;
    private Optional<FoldState> synced = Optional.empty();
    private Optional<FoldState> ceiling = Optional.empty();
    private StoredSums content = new StoredSums();

    SimProgress(SimNode node, Bug bug) {
        this.node = node;
        this.bug = bug;
    }

    @Override
    public Optional<FoldState> synced(ImageId image) {
        return synced;
    }

    @Override
    public Optional<FoldState> ceiling(ImageId image) {
        return ceiling;
    }

    @Override
    public BlockSums sums(ImageId image) {
        return content.open();
    }

    @Override
    public void storeSynced(FoldState state, BlockSums.Change change, Stored callback) {
        FoldState stored = asStored(state);
        node.later(300, () -> {
            if (node.diskFails()) {
                callback.failed(new IOException("No space left on device"));
                return;
            }
            synced = Optional.of(stored);
            content.store(change);
            node.onSynced(stored);
            callback.stored();
        });
    }

    @Override
    public Optional<Seed> seed(ImageId image) {
        return Optional.empty();
    }

    @Override
    public void storeSeed(Seed seed, BlockSums.Change change, Stored callback) {
        throw new UnsupportedOperationException("no node is seeded here");
    }

    @Override
    public void raiseCeiling(FoldState state, Stored callback) {
        FoldState stored = asStored(state);
        node.later(300, () -> {
            boolean fails = node.diskFails();
            if (!fails || node.flipsCoin()) {
                ceiling = Optional.of(stored);
            }
            if (fails) {
                callback.failed(new IOException("No space left on device"));
            } else {
                callback.stored();
            }
        });
    }

    @Override
    public void forget(ImageId image) {
        synced = Optional.empty();
        ceiling = Optional.empty();
        content = new StoredSums();
    }

    private FoldState asStored(FoldState state) {
        if (bug != Bug.FORGET_EPOCH) {
            return state;
        }
        return new FoldState(
                state.image(),
                state.lineage(),
                state.topicId(),
                state.position(),
                state.sequence(),
                state.digest(),
                state.eventOffset(),
                Ownership.NONE,
                state.timeMicros(),
                state.algorithm());
    }
}
