package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.NewImageRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.Endpoint;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacementsTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final ImageId IMAGE = ImageId.of(1, 1);

    private final InMemoryIndex index = new InMemoryIndex();

    private void add(NodeId node, NodeRole... roles) {
        index.write(
                List.of(new CatalogChange.NodeSet(
                        new CatalogNode(node, Set.of(roles), new Endpoint("x:1"), new Endpoint("x:2"), 1, false, 1))),
                TestCatalog.position(1));
    }

    private Placement placed(NodeId self, Optional<String> owner, Optional<List<String>> replicas, OptionalInt count)
            throws IOException {
        return placed(IMAGE, self, owner, replicas, count);
    }

    private Placement placed(
            ImageId image, NodeId self, Optional<String> owner, Optional<List<String>> replicas, OptionalInt count)
            throws IOException {
        return new Placements(self, index)
                .of(
                        image,
                        new NewImageRequest(
                                "vm1",
                                OptionalLong.of(1 << 20),
                                Optional.empty(),
                                OptionalInt.empty(),
                                OptionalInt.empty(),
                                owner,
                                replicas,
                                count,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty()));
    }

    private Placement placedByItself(NodeId self) throws IOException {
        return placed(self, Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    @Test
    void theNodeThatIsAskedOwnsTheImageAndOneOtherKeepsAReplica() throws IOException {
        add(A, NodeRole.OWNER, NodeRole.REPLICA);
        add(B, NodeRole.OWNER, NodeRole.REPLICA);
        assertThat(placedByItself(B)).isEqualTo(new Placement(B, List.of(A)));
    }

    @Test
    void aNodeThatIsAloneKeepsItAlone() throws IOException {
        add(A, NodeRole.OWNER, NodeRole.REPLICA);
        assertThat(placedByItself(A)).isEqualTo(new Placement(A, List.of()));
    }

    @Test
    void aNodeThatOwnsNoImagesNamesAnother() throws IOException {
        add(A, NodeRole.REPLICA);
        add(B, NodeRole.OWNER);
        assertThat(placedByItself(A)).isEqualTo(new Placement(B, List.of(A)));
    }

    @Test
    void withoutAnyOwnerThereIsNoImage() {
        add(A, NodeRole.REPLICA);
        assertRefused(ServiceError.CONFLICT, Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    @Test
    void whatIsNamedIsTaken() throws IOException {
        add(A, NodeRole.OWNER, NodeRole.REPLICA);
        assertThat(placed(A, Optional.of("b"), Optional.of(List.of("c", "a")), OptionalInt.empty()))
                .isEqualTo(new Placement(B, List.of(A, C)));
    }

    @Test
    void aCountThatTheClusterDoesNotHaveIsRefused() throws IOException {
        add(A, NodeRole.OWNER, NodeRole.REPLICA);
        add(B, NodeRole.REPLICA);
        add(C, NodeRole.OWNER);
        assertThat(placed(A, Optional.empty(), Optional.empty(), OptionalInt.of(0))
                        .replicas())
                .isEmpty();
        assertRefused(ServiceError.INVALID, Optional.empty(), Optional.empty(), OptionalInt.of(2));
        assertRefused(ServiceError.INVALID, Optional.empty(), Optional.empty(), OptionalInt.of(-1));
        assertRefused(ServiceError.INVALID, Optional.empty(), Optional.of(List.of("b")), OptionalInt.of(1));
    }

    private void assertRefused(
            ServiceError error, Optional<String> owner, Optional<List<String>> replicas, OptionalInt count) {
        assertThatThrownBy(() -> placed(A, owner, replicas, count))
                .isInstanceOfSatisfying(ServiceException.class, refused -> assertThat(refused.error())
                        .isEqualTo(error));
    }

    @Test
    void imagesAreSpreadOverTheNodes() throws IOException {
        add(A, NodeRole.OWNER, NodeRole.REPLICA);
        add(B, NodeRole.REPLICA);
        add(C, NodeRole.REPLICA);
        Set<NodeId> used = new HashSet<>();
        for (int number = 0; number < 50; number++) {
            used.addAll(placed(ImageId.of(0, number), A, Optional.empty(), Optional.empty(), OptionalInt.empty())
                    .replicas());
        }
        assertThat(used).containsExactlyInAnyOrder(B, C);
    }

    /** Deliberate bug: only the catalog looks at roles, and an import has uploaded its file by then. */
    @Test
    void aNodeIsNotAskedForWhatItsRolesDoNotSay() throws IOException {
        add(A, NodeRole.OWNER);
        add(B, NodeRole.REPLICA);
        add(C, NodeRole.OWNER, NodeRole.REPLICA);
        assertThatThrownBy(() -> placed(A, Optional.of("b"), Optional.empty(), OptionalInt.empty()))
                .isInstanceOf(ServiceException.class)
                .hasMessage("node b owns no images: it has node.roles=replica, expected owner among them; name another"
                        + " node");
        assertThatThrownBy(() -> placed(C, Optional.of("c"), Optional.of(List.of("a")), OptionalInt.empty()))
                .hasMessageContaining("node a keeps no copies of other nodes' images: it has node.roles=owner");
        assertThat(placedByItself(B).owner()).isNotEqualTo(B);
    }

    /** Deliberate bug: the owner before stays a replica whatever its roles; the catalog refuses that each time. */
    @Test
    void anOwnerBeforeThatKeepsNoCopiesLeavesWhenAnotherOwnsTheImage() throws IOException {
        add(A, NodeRole.OWNER);
        add(B, NodeRole.REPLICA);
        add(C, NodeRole.OWNER, NodeRole.REPLICA);
        NodeRoles roles = new NodeRoles(index);
        assertThat(roles.withOwner(C, new Placement(A, List.of(B, C)))).isEqualTo(new Placement(C, List.of(B)));
        assertThat(roles.withOwner(A, new Placement(C, List.of(A, B)))).isEqualTo(new Placement(A, List.of(B, C)));
    }
}
