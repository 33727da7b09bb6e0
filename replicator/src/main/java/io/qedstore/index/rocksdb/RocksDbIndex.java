package io.qedstore.index.rocksdb;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.CloneOf;
import io.qedstore.index.FlushPoint;
import io.qedstore.index.IndexException;
import io.qedstore.index.IndexedRun;
import io.qedstore.index.Snapshot;
import io.qedstore.index.WritableIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The index in a folder of the local disk. {@link Keys} shows its layout, {@link Settings} the memory that it takes.
 *
 * <p>The folder may be deleted while nobody has it open: the index is made again from the logs. What else is lost with it,
 * {@link RocksDbProgress} says.
 */
public final class RocksDbIndex implements WritableIndex, AutoCloseable {
    private final Store store;
    private final IndexWrites writes;

    private RocksDbIndex(Store store) {
        this.store = store;
        this.writes = new IndexWrites(store);
    }

    /**
     * Opens the index in a folder, or makes one if there is no folder or an empty one.
     *
     * @throws IndexException.Damaged if something is missing or spoiled
     * @throws IndexException.Newer if a newer version of qedstore has written it
     * @throws IndexException.InUse if another process has it open
     */
    public static RocksDbIndex open(Path folder) throws IOException {
        return new RocksDbIndex(new StoreFolder(folder).open());
    }

    Store store() {
        return store;
    }

    /** Numbers about the database by name: bytes of memory and disk, counts since the opening, keys by column family. */
    public Map<String, Long> statistics() throws IndexException {
        return store.statistics();
    }

    /** Waits for what is under way. Whatever is asked afterwards fails. */
    @Override
    public void close() {
        store.close();
    }

    // ---- the catalog

    @Override
    public Optional<CatalogImage> image(ImageId id) throws IndexException {
        try (View view = store.view()) {
            return image(view, id);
        }
    }

    private static Optional<CatalogImage> image(View view, ImageId id) throws IndexException {
        return view.get(Family.IMAGES, Keys.image(id), (key, value) -> ImageValues.decode(id, value));
    }

    @Override
    public Optional<CatalogImage> image(ImageName name) throws IndexException {
        try (View view = store.view()) {
            Optional<ImageId> id = view.get(Family.NAMES, Keys.name(name), (key, value) -> Values.name(value));
            return id.isPresent() ? Optional.of(named(view, name, id.get())) : Optional.empty();
        }
    }

    private CatalogImage named(View view, ImageName name, ImageId id) throws IndexException {
        return image(view, id).orElseThrow(() -> store.failures()
                .damaged("the name " + name + " is image " + id + "'s, which is missing"));
    }

    @Override
    public int liveImages() throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.DEFAULT, Keys.LIVE, (key, value) -> Values.live(value))
                    .orElse(0);
        }
    }

    @Override
    public List<CatalogImage> imagesByName(Optional<ImageName> after, int limit) throws IndexException {
        List<CatalogImage> found = new ArrayList<>();
        try (View view = store.view()) {
            byte[] from = after.map(name -> Keys.after(Keys.name(name))).orElse(new byte[0]);
            view.scan(Family.NAMES, from, (key, value) -> {
                if (found.size() >= limit) {
                    return false;
                }
                ImageId id = view.read(Family.NAMES, key, value, (k, v) -> Values.name(v));
                ImageName name = view.read(Family.NAMES, key, value, (k, v) -> new ImageName(Keys.text(k, 0)));
                found.add(named(view, name, id));
                return true;
            });
        }
        return found;
    }

    @Override
    public List<CatalogImage> imagesById(Optional<ImageId> after, int limit) throws IndexException {
        List<CatalogImage> found = new ArrayList<>();
        try (View view = store.view()) {
            byte[] from = after.map(id -> Keys.after(Keys.image(id))).orElse(new byte[0]);
            view.scan(Family.IMAGES, from, (key, value) -> {
                if (found.size() >= limit) {
                    return false;
                }
                found.add(view.read(
                        Family.IMAGES, key, value, (k, v) -> ImageValues.decode(new ImageId(Keys.id(k, 0)), v)));
                return true;
            });
        }
        return found;
    }

    @Override
    public Optional<CatalogNode> node(NodeId id) throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.NODES, Keys.node(id), Values::node);
        }
    }

    @Override
    public List<CatalogNode> nodes() throws IndexException {
        return allUnder(new byte[0], Family.NODES, Values::node);
    }

    @Override
    public List<CatalogImage> imagesPlacedOn(NodeId node, Optional<ImageId> after, int limit) throws IndexException {
        List<CatalogImage> found = new ArrayList<>();
        byte[] prefix = Keys.placedOn(node);
        try (View view = store.view()) {
            byte[] from = after.map(id -> Keys.after(Keys.placedOn(node, id))).orElse(prefix);
            view.scan(Family.PLACEMENTS, from, (key, value) -> {
                if (found.size() >= limit || !View.startsAlike(key, prefix, prefix.length)) {
                    return false;
                }
                ImageId id = view.read(Family.PLACEMENTS, key, value, (k, v) -> new ImageId(Keys.id(k, prefix.length)));
                found.add(image(view, id).orElseThrow(() -> store.failures()
                        .damaged("image " + id + " is placed on node " + node + " and is missing")));
                return true;
            });
        }
        return found;
    }

    @Override
    public Optional<Snapshot> snapshot(ImageId image, SnapshotName name) throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.SNAPSHOTS, Keys.snapshot(image, name), Values::snapshot);
        }
    }

    @Override
    public List<Snapshot> snapshots(ImageId image) throws IndexException {
        return allUnder(Keys.image(image), Family.SNAPSHOTS, Values::snapshot);
    }

    @Override
    public List<Checkpoint> checkpoints(ImageId image) throws IndexException {
        return allUnder(Keys.image(image), Family.CHECKPOINTS, Values::checkpoint);
    }

    @Override
    public List<CloneOf> clones(ImageId base) throws IndexException {
        return allUnder(Keys.image(base), Family.CLONES, Values::cloneOf);
    }

    /** Whatever has a key that begins as {@code prefix}. */
    private <T> List<T> allUnder(byte[] prefix, Family family, View.Reader<T> reader) throws IndexException {
        List<T> found = new ArrayList<>();
        try (View view = store.view()) {
            view.scan(family, prefix, (key, value) -> {
                if (!View.startsAlike(key, prefix, prefix.length)) {
                    return false;
                }
                found.add(view.read(family, key, value, reader));
                return true;
            });
        }
        return found;
    }

    @Override
    public Optional<CatalogPosition> catalogPosition() throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.DEFAULT, Keys.CATALOG, (key, value) -> Values.catalog(value));
        }
    }

    // ---- places of an image's log

    @Override
    public Optional<FlushPoint> flushPointAtOrBefore(ImageId image, Sequence sequence) throws IndexException {
        byte[] from = Keys.flushPoint(image, sequence.value());
        try (View view = store.view()) {
            return view.floor(Family.POINTS, from, Keys.ID_BYTES + 1, Values::flushPoint);
        }
    }

    @Override
    public Optional<FoldState> placeAtOrBefore(ImageId image, Sequence sequence) throws IndexException {
        byte[] from = Keys.place(image, sequence.value());
        try (View view = store.view()) {
            return view.floor(Family.POINTS, from, Keys.ID_BYTES + 1, View::foldState);
        }
    }

    @Override
    public Optional<FoldState> placeAtOrBeforeTime(ImageId image, long timeMicros) throws IndexException {
        byte[] from = Keys.time(image, timeMicros, Long.MAX_VALUE);
        try (View view = store.view()) {
            Optional<Long> sequence =
                    view.floor(Family.POINTS, from, Keys.ID_BYTES + 1, (key, value) -> Keys.lastNumber(key));
            if (sequence.isEmpty()) {
                return Optional.empty();
            }
            Optional<FoldState> place = view.get(Family.POINTS, Keys.place(image, sequence.get()), View::foldState);
            if (place.isEmpty()) {
                throw store.failures().damaged("place " + sequence.get() + " of image " + image + " is missing");
            }
            return place;
        }
    }

    @Override
    public Optional<FoldState> indexed(ImageId image) throws IndexException {
        try (View view = store.view()) {
            return view.get(Family.POINTS, Keys.indexed(image), View::foldState);
        }
    }

    // ---- writing

    @Override
    public void write(List<CatalogChange> changes, CatalogPosition position) throws IndexException {
        writes.write(changes, position);
    }

    @Override
    public void write(IndexedRun run) throws IndexException {
        writes.write(run);
    }
}
