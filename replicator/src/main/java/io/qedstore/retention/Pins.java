package io.qedstore.retention;

import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CloneOf;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import io.qedstore.index.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The points of an image that stay, whatever its limits are. */
final class Pins {
    private Pins() {}

    static List<Bound> of(CatalogImage image, MetadataIndex index) throws IOException {
        List<Bound> pins = new ArrayList<>();
        for (Snapshot snapshot : index.snapshots(image.id())) {
            pins.add(new Bound(Bound.Kind.SNAPSHOT, "snapshot " + snapshot.name(), snapshot.sequence()));
        }
        for (CloneOf clone : index.clones(image.id())) {
            pins.add(new Bound(Bound.Kind.CLONE, "clone " + name(clone, index), clone.sequence()));
        }
        image.rewind()
                .ifPresent(
                        rewind -> pins.add(new Bound(Bound.Kind.REWIND, "a rewind that is under way", rewind.point())));
        return pins;
    }

    private static String name(CloneOf clone, MetadataIndex index) throws IOException {
        Optional<CatalogImage> image = index.image(clone.image());
        return image.map(known -> known.name() + (known.life() == ImageLife.TRASHED ? " in the trash" : ""))
                .orElse(clone.image().toString());
    }

    /** The latest beginning that all of them permit. */
    static Sequence lowest(List<Bound> bounds) {
        return bounds.stream().map(Bound::floor).min(Sequence::compareTo).orElse(new Sequence(Long.MAX_VALUE));
    }
}
