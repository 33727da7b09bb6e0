package io.qedstore.api;

import java.util.Optional;

/** @param name empty for one made of the time */
public record NewSnapshotRequest(Optional<String> name) {}
