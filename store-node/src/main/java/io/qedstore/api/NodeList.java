package io.qedstore.api;

import java.util.List;

/** All nodes that have announced themselves, in the order of their ids. */
public record NodeList(List<NodeInfo> items) {
    public NodeList {
        items = List.copyOf(items);
    }
}
