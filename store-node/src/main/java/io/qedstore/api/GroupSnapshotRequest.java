package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * @param name empty for one made of the time
 * @param images 1 to 64, by name
 */
public record GroupSnapshotRequest(Optional<String> name, List<String> images) {
    public GroupSnapshotRequest {
        images = List.copyOf(images);
    }
}
