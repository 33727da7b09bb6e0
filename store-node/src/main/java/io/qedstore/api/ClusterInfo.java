package io.qedstore.api;

import java.util.List;

/**
 * What this node sees of the cluster.
 *
 * @param catalogOffset up to where it has folded the catalog, exclusive
 * @param findings what is wrong with Kafka's settings, and what it costs; empty if nothing is
 */
public record ClusterInfo(int nodes, int images, long catalogOffset, List<String> findings) {
    public ClusterInfo {
        findings = List.copyOf(findings);
    }
}
