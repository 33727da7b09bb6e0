package io.qedstore.catalog;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.FormatVersion;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;

/** Some node has announced that it cannot read what was to be written; nothing was. */
public final class OlderNodeException extends IOException {
    private static final long serialVersionUID = 1;

    private OlderNodeException(String message) {
        super(message);
    }

    static void requireNone(CatalogEvent event, MetadataIndex index) throws IOException {
        int needed = FormatVersion.of(event);
        if (needed == 1) {
            return; // which all can read
        }
        for (CatalogNode node : index.nodes()) {
            if (node.understands() < needed) {
                throw new OlderNodeException("this takes version " + needed + " of the records' format, and node "
                        + node.id() + " understands version " + node.understands()
                        + "; upgrade qedstore there first, and start the node once");
            }
        }
    }
}
