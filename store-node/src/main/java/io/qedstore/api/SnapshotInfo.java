package io.qedstore.api;

import java.time.Instant;

/**
 * A point that has a name.
 *
 * @param sequence of the last event before it
 * @param pointAt when that event was written
 * @param createdAt when it got its name
 */
public record SnapshotInfo(String image, String name, long sequence, Instant pointAt, Instant createdAt) {}
