package io.qedstore.index;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.FormatVersion;
import java.io.IOException;
import java.util.Optional;

/** Nodes that run an older program, and would stop at what it cannot read. */
public final class OlderNodes {
    private OlderNodes() {}

    /** Why a record must not be in the catalog now, for people; empty if all nodes can read it. */
    public static Optional<String> whoCannotRead(CatalogEvent event, MetadataIndex index) throws IOException {
        int needed = FormatVersion.of(event);
        if (needed == 1) {
            return Optional.empty();
        }
        for (CatalogNode node : index.nodes()) {
            if (node.understands() < needed) {
                return Optional.of("this takes version " + needed + " of the records' format, and node " + node.id()
                        + " understands version " + node.understands()
                        + "; upgrade qedstore there first, and start the node once");
            }
        }
        return Optional.empty();
    }
}
