package io.qedstore.api;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An image that is to be created. What is empty gets the node's defaults.
 *
 * @param sizeBytes empty only for a clone, which then is as large as its base
 * @param from {@code IMAGE} or {@code IMAGE@POINT}, of which it is to be a clone; empty for an empty image
 * @param clusterBytes 4 KiB to 1 MiB; of a clone, that of its base if it is not said
 * @param tableClusters of an L1 or L2 table, 1 to 16
 * @param owner a node's id; empty for the node that is asked
 * @param replicas node ids; empty for what {@code replicaCount} says
 * @param replicaCount copies besides the owner; empty for 1 where there are two nodes or more
 */
public record NewImageRequest(
        String name,
        OptionalLong sizeBytes,
        Optional<String> from,
        OptionalInt clusterBytes,
        OptionalInt tableClusters,
        Optional<String> owner,
        Optional<List<String>> replicas,
        OptionalInt replicaCount,
        Optional<String> cache,
        Optional<String> attach,
        Optional<String> failover,
        OptionalLong limitIops,
        OptionalLong limitBps) {}
