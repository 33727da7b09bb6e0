package io.qedstore.retention;

import io.qedstore.event.CatalogEvent;
import io.qedstore.index.CatalogDecision;
import java.io.IOException;

/** Says something in the catalog. */
@FunctionalInterface
public interface CatalogVoice {
    /**
     * Returns once the index holds what was said, and all that was said before it.
     *
     * @throws IOException if it is not known what became of it; it may come into the catalog all the same
     */
    CatalogDecision say(CatalogEvent event) throws IOException;
}
