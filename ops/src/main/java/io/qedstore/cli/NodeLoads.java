package io.qedstore.cli;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How many images the nodes have that may take more: those that run, and are not being drained. */
final class NodeLoads {
    private final Map<String, NodeInfo> nodes = new TreeMap<>();
    private final Map<String, Integer> images = new TreeMap<>();

    private NodeLoads() {}

    /** @param except the node that takes none */
    static NodeLoads of(List<NodeInfo> nodes, List<ImageInfo> images, String except) {
        NodeLoads loads = new NodeLoads();
        for (NodeInfo node : nodes) {
            boolean isAway = !node.running().orElse(true);
            if (!node.draining() && !isAway && !node.id().equals(except)) {
                loads.nodes.put(node.id(), node);
                loads.images.put(node.id(), 0);
            }
        }
        for (ImageInfo image : images) {
            loads.add(image.owner());
            image.replicas().forEach(loads::add);
        }
        return loads;
    }

    private void add(String node) {
        images.computeIfPresent(node, (id, count) -> count + 1);
    }

    /** The node with the fewest images that has none of this one; it has it then. */
    Optional<String> takeLeastLoaded(ImageInfo image) {
        Optional<String> least = nodes.values().stream()
                .filter(node -> node.roles().contains("replica"))
                .map(NodeInfo::id)
                .filter(id -> !id.equals(image.owner()) && !image.replicas().contains(id))
                .min(Comparator.comparing((String id) -> images.getOrDefault(id, 0)));
        least.ifPresent(this::add);
        return least;
    }

    /** A node that may own the image: one that has a copy, or is about to. */
    Optional<String> newOwner(ImageInfo image, Optional<String> newCopy) {
        return image.replicas().stream().filter(this::mayOwn).findFirst().or(() -> newCopy.filter(this::mayOwn));
    }

    private boolean mayOwn(String id) {
        NodeInfo node = nodes.get(id);
        return node != null && node.roles().contains("owner");
    }
}
