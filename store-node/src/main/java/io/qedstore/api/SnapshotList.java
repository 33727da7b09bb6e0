package io.qedstore.api;

import java.util.List;

/** All snapshots of an image, in the order of their names. */
public record SnapshotList(List<SnapshotInfo> items) {
    public SnapshotList {
        items = List.copyOf(items);
    }
}
