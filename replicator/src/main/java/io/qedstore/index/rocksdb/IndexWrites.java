package io.qedstore.index.rocksdb;

import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.FlushPoint;
import io.qedstore.index.ImageLife;
import io.qedstore.index.IndexException;
import io.qedstore.index.IndexedRun;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * Batches of the index: each holds what has changed and the position that this stands for. One at a time: a run of a log is
 * written as the catalog wants it at that moment, so that it does not matter which of the two was indexed first.
 */
final class IndexWrites {
    private static final int KIND_END = Keys.ID_BYTES + 1;

    private final Store store;

    IndexWrites(Store store) {
        this.store = store;
    }

    synchronized void write(List<CatalogChange> changes, CatalogPosition position) throws IndexException {
        store.write(batch -> {
            for (CatalogChange change : changes) {
                put(change, batch);
            }
            batch.put(Family.DEFAULT, Keys.CATALOG, Values.catalog(position));
        });
    }

    private void put(CatalogChange change, BatchWriter batch) throws RocksDBException, IndexException {
        if (change instanceof CatalogChange.NodeSet set) {
            batch.put(Family.NODES, Keys.node(set.node().id()), Values.node(set.node()));
        } else if (change instanceof CatalogChange.NodeRemoved removed) {
            batch.remove(Family.NODES, Keys.node(removed.node()));
        } else if (change instanceof CatalogChange.PlacedOn placed) {
            batch.put(Family.PLACEMENTS, Keys.placedOn(placed.node(), placed.image()), Values.PLACED_ON);
        } else if (change instanceof CatalogChange.NotPlacedOn removed) {
            batch.remove(Family.PLACEMENTS, Keys.placedOn(removed.node(), removed.image()));
        } else if (change instanceof CatalogChange.ImageSet set) {
            batch.put(Family.IMAGES, Keys.image(set.image().id()), ImageValues.encode(set.image()));
        } else if (change instanceof CatalogChange.NameGiven given) {
            batch.put(Family.NAMES, Keys.name(given.name()), Values.name(given.image()));
        } else if (change instanceof CatalogChange.NameFreed freed) {
            batch.remove(Family.NAMES, Keys.name(freed.name()));
        } else if (change instanceof CatalogChange.LiveImagesSet set) {
            batch.put(Family.DEFAULT, Keys.LIVE, Values.live(set.count()));
        } else if (change instanceof CatalogChange.CloneSet set) {
            batch.put(
                    Family.CLONES, Keys.cloneOf(set.added().base(), set.added().image()), Values.cloneOf(set.added()));
        } else if (change instanceof CatalogChange.CloneRemoved removed) {
            batch.remove(Family.CLONES, Keys.cloneOf(removed.base(), removed.image()));
        } else if (change instanceof CatalogChange.SnapshotSet set) {
            batch.put(
                    Family.SNAPSHOTS,
                    Keys.snapshot(set.snapshot().image(), set.snapshot().name()),
                    Values.snapshot(set.snapshot()));
        } else if (change instanceof CatalogChange.SnapshotRemoved removed) {
            batch.remove(Family.SNAPSHOTS, Keys.snapshot(removed.image(), removed.name()));
        } else if (change instanceof CatalogChange.CheckpointSet set) {
            batch.put(
                    Family.CHECKPOINTS,
                    Keys.checkpoint(
                            set.checkpoint().image(),
                            set.checkpoint().sequence(),
                            set.checkpoint().holder()),
                    Values.checkpoint(set.checkpoint()));
        } else if (change instanceof CatalogChange.CheckpointRemoved removed) {
            batch.remove(Family.CHECKPOINTS, Keys.checkpoint(removed.image(), removed.sequence(), removed.holder()));
        } else if (change instanceof CatalogChange.HistoryDropped dropped) {
            drop(dropped, batch);
        } else if (change instanceof CatalogChange.HistoryForgotten forgotten) {
            for (Family family : List.of(Family.SNAPSHOTS, Family.CHECKPOINTS, Family.POINTS)) {
                batch.removeRange(family, Keys.image(forgotten.image()), Keys.endOf(forgotten.image()));
            }
        } else {
            throw new IllegalArgumentException("cannot write " + change);
        }
    }

    private void drop(CatalogChange.HistoryDropped dropped, BatchWriter batch) throws RocksDBException, IndexException {
        ImageId image = dropped.image();
        long below = dropped.below().value();
        batch.removeRange(Family.POINTS, Keys.flushPoint(image, 0), Keys.flushPoint(image, below));
        batch.removeRange(Family.POINTS, Keys.place(image, 0), Keys.place(image, below));
        Optional<FoldState> first;
        try (View view = store.view()) {
            first = view.ceiling(Family.POINTS, Keys.place(image, below), KIND_END, View::foldState);
        }
        byte[] end = first.map(place ->
                        Keys.time(image, place.timeMicros(), place.sequence().value()))
                .orElse(Keys.time(image, Long.MAX_VALUE, Long.MAX_VALUE));
        batch.removeRange(Family.POINTS, Keys.time(image, 0, 0), end);
    }

    synchronized void write(IndexedRun run) throws IndexException {
        ImageId image = run.image();
        Optional<CatalogImage> known;
        Optional<FoldState> stands;
        try (View view = store.view()) {
            known = view.get(Family.IMAGES, Keys.image(image), (key, value) -> ImageValues.decode(image, value));
            stands = view.get(Family.POINTS, Keys.indexed(image), View::foldState);
        }
        if (known.isEmpty()) {
            throw new IllegalStateException(
                    "image " + image + " has a log and is not in the catalog; the catalog has to be folded first");
        }
        if (known.get().life() == ImageLife.PURGED) {
            return;
        }
        if (!stands.equals(run.from())) {
            throw new IllegalStateException("a run of image " + image + " from " + run.from()
                    + ", but the index stands at " + stands + ": two indexers of one image?");
        }
        long floor = known.get().floor().value();
        store.write(batch -> {
            for (FlushPoint point : run.flushPoints()) {
                if (point.sequence().value() >= floor) {
                    batch.put(
                            Family.POINTS,
                            Keys.flushPoint(image, point.sequence().value()),
                            Values.flushPoint(point));
                }
            }
            for (FoldState place : run.places()) {
                long sequence = place.sequence().value();
                if (sequence >= floor) {
                    batch.put(Family.POINTS, Keys.place(image, sequence), FoldStateCodec.encode(place));
                    batch.put(Family.POINTS, Keys.time(image, place.timeMicros(), sequence), Values.TIME);
                }
            }
            batch.put(Family.POINTS, Keys.indexed(image), FoldStateCodec.encode(run.to()));
        });
    }
}
