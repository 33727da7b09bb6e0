package io.qedstore.index;

import static io.qedstore.index.CatalogDecision.applied;

import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.event.CatalogEvent.NodeRemoved;
import java.io.IOException;

/** The part of {@link CatalogRules} that is about nodes. */
final class NodeRules {
    private final Requirements require;
    private final long timeMicros;

    NodeRules(MetadataIndex index, long timeMicros) {
        this.require = new Requirements(index);
        this.timeMicros = timeMicros;
    }

    CatalogDecision announce(NodeAnnounced announced) {
        return applied(new CatalogChange.NodeSet(new CatalogNode(
                announced.node(),
                announced.roles(),
                announced.api(),
                announced.nbd(),
                announced.understands(),
                timeMicros)));
    }

    CatalogDecision remove(NodeRemoved removed) throws IOException, VoidRecordException {
        CatalogNode node = require.node(removed.node());
        return applied(new CatalogChange.NodeRemoved(node.id()));
    }
}
