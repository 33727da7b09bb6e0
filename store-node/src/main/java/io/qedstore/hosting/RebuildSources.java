package io.qedstore.hosting;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What this node makes images from besides other nodes' copies: their logs, and the checkpoints that it can reach.
 *
 * @param index for what the catalog says of images
 * @param logs opens each time one that nobody else uses
 * @param stores where checkpoints lie, the nearest first
 */
public record RebuildSources(MetadataIndex index, LogSource logs, List<CheckpointStore> stores) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public RebuildSources {
        stores = List.copyOf(stores);
    }

    /** For one thread. */
    public RebuildSource of(CatalogImage image) throws IOException {
        return of(image, PATIENCE);
    }

    /** @param patience how long the log may give no answer */
    public RebuildSource of(CatalogImage image, Duration patience) throws IOException {
        return new RebuildSource(image, index, logs.open(image.id()), stores, patience);
    }
}
