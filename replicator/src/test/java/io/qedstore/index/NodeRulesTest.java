package io.qedstore.index;

import static io.qedstore.index.TestCatalog.announced;
import static io.qedstore.index.TestCatalog.created;
import static io.qedstore.index.TestCatalog.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.CatalogEvent.ImagePurged;
import io.qedstore.event.CatalogEvent.ImageUndeleted;
import io.qedstore.event.CatalogEvent.NodeDrained;
import io.qedstore.event.CatalogEvent.NodeRemoved;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which records of the catalog count that are about nodes and what is placed on them. */
class NodeRulesTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final ImageId ONE = image(1);
    private static final ImageId TWO = image(2);

    private final JudgedCatalog catalog = new JudgedCatalog();
    private final MetadataIndex index = catalog.index();

    private static Placement on(NodeId owner, NodeId... replicas) {
        return new Placement(owner, List.of(replicas));
    }

    private void announce(NodeId... nodes) {
        for (NodeId node : nodes) {
            catalog.applied(announced(node));
        }
    }

    private List<ImageId> placedOn(NodeId node) throws IOException {
        return index.imagesPlacedOn(node, Optional.empty(), 10).stream()
                .map(CatalogImage::id)
                .toList();
    }

    @Test
    void ofTwoAnnouncementsOfANodeTheLastCounts() throws IOException {
        announce(A, B);
        catalog.applied(announced(A, EnumSet.of(NodeRole.REPLICA)));
        assertThat(index.node(A)).map(CatalogNode::roles).contains(EnumSet.of(NodeRole.REPLICA));
        assertThat(index.nodes()).extracting(CatalogNode::id).containsExactly(A, B);
    }

    @Test
    void aNodeThatWasRemovedMayComeBack() throws IOException {
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new NodeRemoved(A));
        announce(A);
        catalog.applied(new NodeRemoved(A));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new NodeRemoved(A));
        assertThat(index.node(A)).isEmpty();
        announce(A);
        assertThat(index.node(A)).isPresent();
    }

    // Deliberate bug: only the owner is looked at.
    @Test
    void anImageIsPlacedOnNodesThatWereAnnouncedWithTheRole() throws IOException {
        announce(A);
        catalog.applied(announced(B, EnumSet.of(NodeRole.REPLICA)));
        catalog.applied(announced(C, EnumSet.of(NodeRole.OWNER)));
        assertThat(catalog.isVoid(CatalogVerdict.NO_SUCH_ROLE, created(1, "vm1", on(B))))
                .isEqualTo("node b has the roles [REPLICA], expected OWNER among them");
        catalog.isVoid(CatalogVerdict.NO_SUCH_ROLE, created(1, "vm1", on(A, B, C)));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, created(1, "vm1", on(A, B, new NodeId("d"))));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, created(1, "vm1", on(new NodeId("d"))));
        catalog.applied(created(1, "vm1", on(C, A, B)));
        catalog.isVoid(CatalogVerdict.NO_SUCH_ROLE, new ImagePlaced(ONE, on(B)));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new ImagePlaced(ONE, on(A, new NodeId("d"))));
        assertThat(index.image(ONE)).map(CatalogImage::placement).contains(on(C, A, B));
    }

    // Deliberate bug: a placement does not take the image from the nodes of the one before.
    @Test
    void aPlacementTakesThePlaceOfTheOneBefore() throws IOException {
        announce(A, B, C);
        catalog.applied(created(1, "vm1", on(A, B)));
        catalog.applied(created(2, "vm2", on(B)));
        assertThat(placedOn(B)).containsExactly(TWO, ONE);
        catalog.applied(new ImagePlaced(ONE, on(C, A)));
        assertThat(index.image(ONE)).map(CatalogImage::placement).contains(on(C, A));
        assertThat(placedOn(A)).containsExactly(ONE);
        assertThat(placedOn(B)).containsExactly(TWO);
        assertThat(placedOn(C)).containsExactly(ONE);
        catalog.isVoid(CatalogVerdict.NO_SUCH_IMAGE, new ImagePlaced(image(3), on(A)));
    }

    // Deliberate bug: an image that is deleted is placed nowhere.
    @Test
    void anImageInTheTrashStaysWhereItIsUntilItIsPurged() throws IOException {
        announce(A, B);
        catalog.applied(created(1, "vm1", on(A, B)));
        catalog.applied(new ImageDeleted(ONE));
        assertThat(placedOn(A)).containsExactly(ONE);
        catalog.isVoid(CatalogVerdict.IN_TRASH, new ImagePlaced(ONE, on(B)));
        catalog.applied(new ImageUndeleted(ONE, new ImageName("vm1")));
        assertThat(placedOn(B)).containsExactly(ONE);
        catalog.applied(new ImageDeleted(ONE));
        catalog.applied(new ImagePurged(ONE, 0));
        assertThat(placedOn(A)).isEmpty();
        assertThat(placedOn(B)).isEmpty();
        assertThat(index.image(ONE)).map(CatalogImage::placement).contains(on(A, B));
        catalog.isVoid(CatalogVerdict.PURGED, new ImagePlaced(ONE, on(A)));
    }

    // Deliberate bug: only the images that a node owns hold it.
    @Test
    void aNodeIsRemovedAfterItsImages() {
        announce(A, B, C);
        catalog.applied(created(1, "vm1", on(A, B)));
        catalog.applied(new NodeRemoved(C));
        assertThat(catalog.isVoid(CatalogVerdict.HAS_IMAGES, new NodeRemoved(B)))
                .isEqualTo("image " + ONE
                        + ", vm1, is placed on node b, and there may be more; expected a node that has" + " none");
        catalog.applied(new ImagePlaced(ONE, on(A)));
        catalog.applied(new NodeRemoved(B));
        catalog.applied(new ImageDeleted(ONE));
        catalog.isVoid(CatalogVerdict.HAS_IMAGES, new NodeRemoved(A));
        catalog.applied(new ImagePurged(ONE, 0));
        catalog.applied(new NodeRemoved(A));
    }

    @Test
    void aNodeThatSaysLessThanBeforeKeepsItsImages() throws IOException {
        announce(A, B);
        catalog.applied(created(1, "vm1", on(A)));
        catalog.applied(announced(A, EnumSet.of(NodeRole.REPLICA)));
        assertThat(placedOn(A)).containsExactly(ONE);
        catalog.isVoid(CatalogVerdict.NO_SUCH_ROLE, new ImagePlaced(ONE, on(A, B)));
        catalog.applied(new ImagePlaced(ONE, on(B, A)));
    }

    // Deliberate bug: the one who placed it last has read what was there before.
    @Test
    void aPlacementThatExpectsAnotherOneIsVoid() throws IOException {
        announce(A, B, C);
        catalog.applied(created(1, "vm1", on(A, B)));
        catalog.applied(new ImagePlaced(ONE, on(B, A), Optional.of(on(A, B))));
        assertThat(catalog.isVoid(
                        CatalogVerdict.CHANGED_MEANWHILE, new ImagePlaced(ONE, on(A, B, C), Optional.of(on(A, B)))))
                .contains("somebody else has placed it meanwhile");
        assertThat(index.image(ONE)).map(CatalogImage::placement).contains(on(B, A));
    }

    // Deliberate bug: a node that says again that it is there takes images again.
    @Test
    void aNodeThatIsDrainedKeepsWhatItHasAndTakesNothingMore() throws IOException {
        announce(A, B, C);
        catalog.applied(created(1, "vm1", on(A, B)));
        catalog.isVoid(CatalogVerdict.NO_SUCH_NODE, new NodeDrained(new NodeId("d"), true));
        catalog.applied(new NodeDrained(B, true));
        announce(B);
        catalog.isVoid(CatalogVerdict.DRAINING, created(2, "vm2", on(B)));
        catalog.isVoid(CatalogVerdict.DRAINING, created(2, "vm2", on(A, B)));
        catalog.applied(new ImagePlaced(ONE, on(B, A)));
        catalog.applied(new ImagePlaced(ONE, on(A)));
        catalog.isVoid(CatalogVerdict.DRAINING, new ImagePlaced(ONE, on(A, B)));
        catalog.applied(new NodeDrained(B, false));
        catalog.applied(new ImagePlaced(ONE, on(A, B)));
    }
}
