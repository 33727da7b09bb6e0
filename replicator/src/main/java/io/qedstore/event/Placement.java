package io.qedstore.event;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which nodes are meant to have an image. Who owns it in fact, the image's log says.
 *
 * @param owner meant to own it
 * @param replicas meant to follow it, the owner not among them; at most {@value #MAX_REPLICAS}
 */
public record Placement(NodeId owner, SortedSet<NodeId> replicas) {
    public static final int MAX_REPLICAS = 16;

    public Placement {
        replicas = sorted(replicas);
        if (replicas.size() > MAX_REPLICAS) {
            throw new IllegalArgumentException(
                    "a placement on " + replicas.size() + " replicas, expected at most " + MAX_REPLICAS);
        }
        if (replicas.contains(owner)) {
            throw new IllegalArgumentException("a placement with node " + owner + " as owner and as replica");
        }
    }

    public Placement(NodeId owner, Collection<NodeId> replicas) {
        this(owner, sorted(replicas));
    }

    /** The owner and the replicas. */
    public SortedSet<NodeId> nodes() {
        SortedSet<NodeId> nodes = new TreeSet<>(replicas);
        nodes.add(owner);
        return Collections.unmodifiableSortedSet(nodes);
    }

    private static SortedSet<NodeId> sorted(Collection<NodeId> nodes) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(nodes));
    }
}
