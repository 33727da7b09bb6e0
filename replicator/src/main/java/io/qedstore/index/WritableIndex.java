package io.qedstore.index;

import java.io.IOException;
import java.util.List;

/**
 * An index that can be filled. Each call writes what it says and the position that it stands for together: after a crash both
 * are there or neither is, and what was written last may be missing. Calls may come from any thread; they wait for each
 * other.
 */
public interface WritableIndex extends MetadataIndex {
    /** Writes what the records up to a position of the catalog have changed. */
    void write(List<CatalogChange> changes, CatalogPosition position) throws IOException;

    /**
     * Writes what a run of an image's log holds. What lies below the image's floor is left out, and all of it if the image was
     * purged: the floor and the purge may have come in the meantime.
     *
     * @throws IllegalStateException if the catalog does not know the image, or the run does not begin where the index stands
     */
    void write(IndexedRun run) throws IOException;
}
