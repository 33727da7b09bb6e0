package io.qedstore.node;

import io.qedstore.event.ImageId;
import io.qedstore.imports.KeptImports;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears away what imports have left that came to nothing: the log, if the catalog knows no image that it belongs to, and then the file,
 * which is how it is known. Called at the start, when the catalog was read to its end, and with the trash.
 */
final class ImportRemains {
    private static final Logger LOG = LoggerFactory.getLogger(ImportRemains.class);

    private final KeptImports imports;
    private final MetadataIndex index;
    private final RemovableLogs logs;
    private final NewImages.Catalog catalog;

    ImportRemains(KeptImports imports, MetadataIndex index, RemovableLogs logs, NewImages.Catalog catalog) {
        this.imports = imports;
        this.index = index;
        this.logs = logs;
        this.catalog = catalog;
    }

    /** Waits for the brokers where there is something; what cannot be cleared away now stays for the next call. */
    void clear() {
        try {
            for (ImageId id : imports.remains()) {
                if (!catalog.isCurrent()) {
                    return; // it may have become an image of which the index does not know yet
                }
                if (index.image(id).isEmpty()) {
                    logs.remove(id);
                }
                imports.removeRemains(id);
                LOG.info("what was left of import {} is cleared away", id);
            }
        } catch (IOException e) {
            LOG.warn("what imports have left stays for now: {}", e.getMessage());
        }
    }
}
