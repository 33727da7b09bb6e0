package io.qedstore.event;

/** Which node, or which store of checkpoints: 1 to 128 letters, digits, {@code . _ -}, beginning with a letter or a digit. */
public record NodeId(String value) implements Comparable<NodeId> {
    public NodeId {
        NameRule.check("a node id", value);
    }

    /** By ASCII. */
    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
