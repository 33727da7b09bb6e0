package io.qedstore.index;

import static io.qedstore.index.TestCatalog.announced;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent.NodeRemoved;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import java.io.IOException;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** Which records of the catalog count that are about nodes. */
class NodeRulesTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");

    private final JudgedCatalog catalog = new JudgedCatalog();
    private final MetadataIndex index = catalog.index();

    @Test
    void ofTwoAnnouncementsOfANodeTheLastCounts() throws IOException {
        catalog.applied(announced(A));
        catalog.applied(announced(B));
        catalog.applied(announced(A, EnumSet.of(NodeRole.REPLICA)));
        assertThat(index.node(A)).map(CatalogNode::roles).contains(EnumSet.of(NodeRole.REPLICA));
        assertThat(index.nodes()).extracting(CatalogNode::id).containsExactly(A, B);
    }

    @Test
    void aNodeThatWasRemovedMayComeBack() throws IOException {
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new NodeRemoved(A));
        catalog.applied(announced(A));
        catalog.applied(new NodeRemoved(A));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new NodeRemoved(A));
        assertThat(index.node(A)).isEmpty();
        catalog.applied(announced(A));
        assertThat(index.node(A)).isPresent();
    }
}
