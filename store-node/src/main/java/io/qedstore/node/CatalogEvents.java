package io.qedstore.node;

import io.qedstore.catalog.Catalog;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogImage;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Tells the node's parts what the catalog says. */
record CatalogEvents(HostedImages hosted, Consumer<CatalogImage> changed) implements Catalog.Listener {
    @Override
    public void changed(List<CatalogChange> changes) {
        for (CatalogChange change : changes) {
            if (change instanceof CatalogChange.ImageSet set) {
                hosted.update(set.image());
                changed.accept(set.image());
            }
        }
    }

    /** The catalog's problem says it; the images go on as they are. */
    @Override
    public void failed(IOException cause) {}
}
