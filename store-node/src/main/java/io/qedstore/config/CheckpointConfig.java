package io.qedstore.config;

import io.qedstore.checkpoint.s3.S3Location;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * When checkpoints are made, and where they are kept.
 *
 * @param tailBytes so many bytes of events behind the newest one
 * @param age so long after the newest one, if anything was written since
 * @param bytesPerSecond that are copied and read for them at most; empty: no limit
 * @param keep so many of the newest of each image stay; 0: none are made
 * @param s3 where the owners of images put theirs too
 */
public record CheckpointConfig(
        long tailBytes, Duration age, OptionalLong bytesPerSecond, int keep, Optional<S3Location> s3) {

    static CheckpointConfig of(ConfigValues values) {
        Optional<URI> endpoint = values.get(NodeKeys.CHECKPOINT_S3_ENDPOINT);
        Optional<String> region = values.get(NodeKeys.CHECKPOINT_S3_REGION);
        return new CheckpointConfig(
                values.get(NodeKeys.CHECKPOINT_TAIL_BYTES),
                values.get(NodeKeys.CHECKPOINT_AGE),
                values.get(NodeKeys.CHECKPOINT_RATE).map(OptionalLong::of).orElse(OptionalLong.empty()),
                values.get(NodeKeys.CHECKPOINT_KEEP),
                values.get(NodeKeys.CHECKPOINT_S3_URL)
                        .map(at -> new S3Location(at.bucket(), at.prefix(), endpoint, region)));
    }
}
