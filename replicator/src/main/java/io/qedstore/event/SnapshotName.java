package io.qedstore.event;

/** What people call a point of one image: 1 to 128 letters, digits, {@code . _ -}, beginning with a letter or a digit. */
public record SnapshotName(String value) implements Comparable<SnapshotName> {
    public SnapshotName {
        NameRule.check("a snapshot name", value);
    }

    /** By ASCII. */
    @Override
    public int compareTo(SnapshotName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
