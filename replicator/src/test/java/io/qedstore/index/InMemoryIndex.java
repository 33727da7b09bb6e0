package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.fold.FoldState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An index in maps, for tests. {@link MetadataIndexContract} keeps it honest. */
public final class InMemoryIndex implements WritableIndex {
    private static final Comparator<ImageId> BY_DIGITS = Comparator.comparing(ImageId::toString);

    private final TreeMap<ImageId, CatalogImage> images = new TreeMap<>(BY_DIGITS);
    private final TreeMap<NodeId, CatalogNode> nodes = new TreeMap<>();
    private final Map<NodeId, NavigableSet<ImageId>> placedOn = new TreeMap<>();
    private final TreeMap<ImageName, ImageId> names = new TreeMap<>();
    private final Map<ImageId, NavigableMap<ImageId, CloneOf>> clones = new TreeMap<>(BY_DIGITS);
    private final Map<ImageId, NavigableMap<SnapshotName, Snapshot>> snapshots = new TreeMap<>(BY_DIGITS);
    private final Map<ImageId, NavigableMap<String, Checkpoint>> checkpoints = new TreeMap<>(BY_DIGITS);
    private final Map<ImageId, NavigableMap<Sequence, FlushPoint>> flushPoints = new TreeMap<>(BY_DIGITS);
    private final Map<ImageId, NavigableMap<Sequence, FoldState>> places = new TreeMap<>(BY_DIGITS);
    private final Map<ImageId, FoldState> indexed = new TreeMap<>(BY_DIGITS);
    private int liveImages;
    private @Nullable CatalogPosition position;

    @Override
    public synchronized Optional<CatalogImage> image(ImageId id) {
        return Optional.ofNullable(images.get(id));
    }

    @Override
    public synchronized Optional<CatalogImage> image(ImageName name) {
        return Optional.ofNullable(names.get(name)).map(images::get);
    }

    @Override
    public synchronized int liveImages() {
        return liveImages;
    }

    @Override
    public synchronized List<CatalogImage> imagesByName(Optional<ImageName> after, int limit) {
        return after.map(name -> names.tailMap(name, false)).orElse(names).values().stream()
                .limit(limit)
                .map(images::get)
                .toList();
    }

    @Override
    public synchronized List<CatalogImage> imagesById(Optional<ImageId> after, int limit) {
        return after.map(id -> images.tailMap(id, false)).orElse(images).values().stream()
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<CatalogNode> node(NodeId id) {
        return Optional.ofNullable(nodes.get(id));
    }

    @Override
    public synchronized List<CatalogNode> nodes() {
        return List.copyOf(nodes.values());
    }

    @Override
    public synchronized List<CatalogImage> imagesPlacedOn(NodeId node, Optional<ImageId> after, int limit) {
        NavigableSet<ImageId> ids = placedOn(node);
        return after.map(id -> ids.tailSet(id, false)).orElse(ids).stream()
                .limit(limit)
                .map(images::get)
                .toList();
    }

    private NavigableSet<ImageId> placedOn(NodeId node) {
        return placedOn.computeIfAbsent(node, id -> new TreeSet<>(BY_DIGITS));
    }

    @Override
    public synchronized Optional<Snapshot> snapshot(ImageId image, SnapshotName name) {
        return Optional.ofNullable(of(snapshots, image).get(name));
    }

    @Override
    public synchronized List<Snapshot> snapshots(ImageId image) {
        return List.copyOf(of(snapshots, image).values());
    }

    @Override
    public synchronized List<Checkpoint> checkpoints(ImageId image) {
        return List.copyOf(of(checkpoints, image).values());
    }

    @Override
    public synchronized List<CloneOf> clones(ImageId base) {
        return List.copyOf(ofIds(clones, base).values());
    }

    @Override
    public synchronized Optional<CatalogPosition> catalogPosition() {
        return Optional.ofNullable(position);
    }

    @Override
    public synchronized Optional<FlushPoint> flushPointAtOrBefore(ImageId image, Sequence sequence) {
        return Optional.ofNullable(of(flushPoints, image).floorEntry(sequence)).map(Map.Entry::getValue);
    }

    @Override
    public synchronized Optional<FoldState> placeAtOrBefore(ImageId image, Sequence sequence) {
        return Optional.ofNullable(of(places, image).floorEntry(sequence)).map(Map.Entry::getValue);
    }

    @Override
    public synchronized Optional<FoldState> placeAtOrBeforeTime(ImageId image, long timeMicros) {
        return of(places, image).descendingMap().values().stream()
                .filter(place -> place.timeMicros() <= timeMicros)
                .findFirst();
    }

    @Override
    public synchronized Optional<FoldState> indexed(ImageId image) {
        return Optional.ofNullable(indexed.get(image));
    }

    private static <K extends Comparable<K>, V> NavigableMap<K, V> of(
            Map<ImageId, NavigableMap<K, V>> map, ImageId image) {
        return map.computeIfAbsent(image, id -> new TreeMap<>());
    }

    private static <V> NavigableMap<ImageId, V> ofIds(Map<ImageId, NavigableMap<ImageId, V>> map, ImageId image) {
        return map.computeIfAbsent(image, id -> new TreeMap<>(BY_DIGITS));
    }

    @Override
    public synchronized void write(List<CatalogChange> changes, CatalogPosition newPosition) {
        for (CatalogChange change : changes) {
            apply(change);
        }
        position = newPosition;
    }

    private void apply(CatalogChange change) {
        if (change instanceof CatalogChange.NodeSet set) {
            nodes.put(set.node().id(), set.node());
        } else if (change instanceof CatalogChange.NodeRemoved removed) {
            nodes.remove(removed.node());
        } else if (change instanceof CatalogChange.PlacedOn placed) {
            placedOn(placed.node()).add(placed.image());
        } else if (change instanceof CatalogChange.NotPlacedOn removed) {
            placedOn(removed.node()).remove(removed.image());
        } else if (change instanceof CatalogChange.ImageSet set) {
            images.put(set.image().id(), set.image());
        } else if (change instanceof CatalogChange.NameGiven given) {
            names.put(given.name(), given.image());
        } else if (change instanceof CatalogChange.NameFreed freed) {
            names.remove(freed.name());
        } else if (change instanceof CatalogChange.LiveImagesSet set) {
            liveImages = set.count();
        } else if (change instanceof CatalogChange.CloneSet set) {
            ofIds(clones, set.added().base()).put(set.added().image(), set.added());
        } else if (change instanceof CatalogChange.CloneRemoved removed) {
            ofIds(clones, removed.base()).remove(removed.image());
        } else if (change instanceof CatalogChange.SnapshotSet set) {
            of(snapshots, set.snapshot().image()).put(set.snapshot().name(), set.snapshot());
        } else if (change instanceof CatalogChange.SnapshotRemoved removed) {
            of(snapshots, removed.image()).remove(removed.name());
        } else if (change instanceof CatalogChange.CheckpointSet set) {
            Checkpoint made = set.checkpoint();
            of(checkpoints, made.image()).put(key(made.sequence(), made.holder().value()), made);
        } else if (change instanceof CatalogChange.CheckpointRemoved removed) {
            of(checkpoints, removed.image())
                    .remove(key(removed.sequence(), removed.holder().value()));
        } else if (change instanceof CatalogChange.HistoryDropped dropped) {
            of(flushPoints, dropped.image()).headMap(dropped.below(), false).clear();
            of(places, dropped.image()).headMap(dropped.below(), false).clear();
        } else if (change instanceof CatalogChange.HistoryForgotten forgotten) {
            snapshots.remove(forgotten.image());
            checkpoints.remove(forgotten.image());
            flushPoints.remove(forgotten.image());
            places.remove(forgotten.image());
            indexed.remove(forgotten.image());
        } else {
            throw new IllegalArgumentException("cannot write " + change);
        }
    }

    private static String key(Sequence sequence, String holder) {
        return String.format("%019d %s", sequence.value(), holder);
    }

    @Override
    public synchronized void write(IndexedRun run) {
        CatalogImage image = images.get(run.image());
        if (image == null) {
            throw new IllegalStateException("image " + run.image() + " is not in the catalog");
        }
        if (image.life() == ImageLife.PURGED) {
            return;
        }
        if (!indexed(run.image()).equals(run.from())) {
            throw new IllegalStateException("a run from " + run.from() + ", expected " + indexed(run.image()));
        }
        run.flushPoints().stream()
                .filter(point -> point.sequence().compareTo(image.floor()) >= 0)
                .forEach(point -> of(flushPoints, run.image()).put(point.sequence(), point));
        run.places().stream()
                .filter(place -> place.sequence().compareTo(image.floor()) >= 0)
                .forEach(place -> of(places, run.image()).put(place.sequence(), place));
        indexed.put(run.image(), run.to());
    }
}
