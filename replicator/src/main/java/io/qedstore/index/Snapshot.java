package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;

/**
 * A point of an image that has a name. It is pinned as long as it has.
 *
 * @param pointTimeMicros of the event with that sequence
 * @param createdMicros when it got the name
 */
public record Snapshot(ImageId image, SnapshotName name, Sequence sequence, long pointTimeMicros, long createdMicros) {}
