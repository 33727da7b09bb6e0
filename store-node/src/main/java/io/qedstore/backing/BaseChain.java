package io.qedstore.backing;

import io.qedstore.event.Backing;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What lies behind an image: its base, the base of that, and so on. */
public final class BaseChain {
    /** So many images lie behind one at most: each costs a lookup for what none above it holds. */
    public static final int MAX_BASES = 16;

    private BaseChain() {}

    /**
     * The nearest first.
     *
     * @throws IOException if the catalog's index has no such image, or has it more than once behind another
     */
    public static List<Backing> of(CatalogImage image, MetadataIndex index) throws IOException {
        List<Backing> bases = new ArrayList<>();
        Optional<Backing> next = image.backing();
        while (next.isPresent()) {
            Backing backing = next.get();
            if (bases.size() == MAX_BASES) {
                throw new IOException("more than " + MAX_BASES + " images lie behind image " + image.name());
            }
            bases.add(backing);
            next = base(backing, index).backing();
        }
        return List.copyOf(bases);
    }

    /** The image that a base is a point of. */
    public static CatalogImage base(Backing backing, MetadataIndex index) throws IOException {
        CatalogImage base = index.image(backing.image())
                .orElseThrow(() -> new IOException("the catalog has no image " + backing.image()
                        + ", over which a clone lies; is this node's index that of the cluster?"));
        if (!base.lineage().equals(backing.lineage())) {
            throw new IOException("image " + base.name() + " is of lineage " + base.lineage()
                    + ", and a clone lies over lineage " + backing.lineage());
        }
        return base;
    }
}
