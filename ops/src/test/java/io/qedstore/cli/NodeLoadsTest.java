package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Turns red when a node is given images that does not run: it has the fewest, if it was idle. */
class NodeLoadsTest {
    private static NodeInfo node(String id, boolean draining, Optional<Boolean> running) {
        return new NodeInfo(
                id,
                List.of("owner", "replica"),
                "http://" + id,
                "nbd://" + id,
                1,
                draining,
                NodeDouble.NOON,
                running,
                false);
    }

    @Test
    void onlyANodeThatRunsAndTakesImagesIsGivenOne() {
        ImageInfo image = ImagesDouble.image("vm1");
        String other = "node-9";
        List<NodeInfo> nodes = List.of(
                node(image.owner(), false, Optional.of(true)),
                node("node-5", true, Optional.of(true)),
                node("node-6", false, Optional.of(false)),
                node(other, false, Optional.of(true)));
        assertThat(NodeLoads.of(nodes, List.of(image), image.owner()).takeLeastLoaded(image))
                .contains(other);
        assertThat(NodeLoads.of(nodes.subList(0, 3), List.of(image), image.owner())
                        .takeLeastLoaded(image))
                .isEmpty();
    }

    @Test
    void whereItIsNotKnownWhoRunsAllMayBeGivenOne() {
        ImageInfo image = ImagesDouble.image("vm1");
        List<NodeInfo> nodes = List.of(node("node-6", false, Optional.empty()));
        assertThat(NodeLoads.of(nodes, List.of(image), image.owner()).takeLeastLoaded(image))
                .contains("node-6");
    }
}
