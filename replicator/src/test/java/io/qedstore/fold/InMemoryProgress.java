package io.qedstore.fold;

import io.qedstore.content.BlockSums;
import io.qedstore.content.StoredSums;
import io.qedstore.event.ImageId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Positions in memory, stored at once. */
public final class InMemoryProgress implements ProgressStore {
    private final Map<ImageId, FoldState> synced = new HashMap<>();
    private final Map<ImageId, FoldState> ceilings = new HashMap<>();
    private final Map<ImageId, Seed> seeds = new HashMap<>();
    private final Map<ImageId, StoredSums> contents = new HashMap<>();

    @Override
    public synchronized Optional<FoldState> synced(ImageId image) {
        return Optional.ofNullable(synced.get(image));
    }

    @Override
    public synchronized Optional<FoldState> ceiling(ImageId image) {
        return Optional.ofNullable(ceilings.get(image));
    }

    @Override
    public synchronized BlockSums sums(ImageId image) {
        return contents.computeIfAbsent(image, added -> new StoredSums()).open();
    }

    @Override
    public void storeSynced(FoldState state, BlockSums.Change content, Stored callback) {
        synchronized (this) {
            synced.put(state.image(), state);
            contents.computeIfAbsent(state.image(), added -> new StoredSums()).store(content);
        }
        callback.stored();
    }

    @Override
    public synchronized Optional<Seed> seed(ImageId image) {
        return Optional.ofNullable(seeds.get(image));
    }

    @Override
    public void storeSeed(Seed seed, BlockSums.Change content, Stored callback) {
        synchronized (this) {
            ImageId image = seed.from().image();
            seeds.put(image, seed);
            contents.computeIfAbsent(image, added -> new StoredSums()).store(content);
            if (seed.isWhole()) {
                seeds.remove(image);
                synced.put(image, seed.from());
                ceilings.put(image, seed.to());
            }
        }
        callback.stored();
    }

    @Override
    public void raiseCeiling(FoldState state, Stored callback) {
        synchronized (this) {
            ceilings.put(state.image(), state);
        }
        callback.stored();
    }

    @Override
    public synchronized void forget(ImageId image) {
        synced.remove(image);
        ceilings.remove(image);
        seeds.remove(image);
        contents.remove(image);
    }
}
