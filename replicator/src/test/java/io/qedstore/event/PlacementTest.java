package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where an image is meant to be. */
class PlacementTest {
    private static final NodeId OWNER = new NodeId("owner");

    private static List<NodeId> replicas(int count) {
        return IntStream.range(0, count).mapToObj(i -> new NodeId("n" + i)).toList();
    }

    @Test
    void replicasAreASet() {
        Placement placement = new Placement(OWNER, List.of(new NodeId("z"), new NodeId("b"), new NodeId("z")));
        assertThat(placement.replicas()).containsExactly(new NodeId("b"), new NodeId("z"));
        assertThat(placement.nodes()).containsExactly(new NodeId("b"), OWNER, new NodeId("z"));
        assertThat(placement).isEqualTo(new Placement(OWNER, List.of(new NodeId("z"), new NodeId("b"))));
    }

    @Test
    void thereAreAtMost16Replicas() {
        assertThat(new Placement(OWNER, replicas(16)).replicas()).hasSize(16);
        assertThatThrownBy(() -> new Placement(OWNER, replicas(17)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a placement on 17 replicas, expected at most 16");
    }

    @Test
    void theOwnerIsNoReplica() {
        assertThatThrownBy(() -> new Placement(OWNER, List.of(OWNER)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a placement with node owner as owner and as replica");
    }
}
