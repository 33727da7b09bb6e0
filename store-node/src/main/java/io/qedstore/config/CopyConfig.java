package io.qedstore.config;

import java.time.Duration;

/**
 * How the node's copies are made and kept right.
 *
 * @param verifyReads whether what clients read is compared with what is known of the file
 * @param scrubEvery how often all of a file is read again; zero: never
 * @param scrubBytesPerSecond how fast that goes, all files together
 * @param seedsAtOnce how many copies are made from other nodes' at a time
 * @param seedBytesPerSecond how fast that goes, all together; 0: as fast as it can
 */
public record CopyConfig(
        boolean verifyReads, Duration scrubEvery, long scrubBytesPerSecond, int seedsAtOnce, long seedBytesPerSecond) {

    static CopyConfig of(ConfigValues values) {
        return new CopyConfig(
                values.get(NodeKeys.VERIFY_READS),
                values.get(NodeKeys.SCRUB_EVERY),
                values.get(NodeKeys.SCRUB_RATE),
                values.get(NodeKeys.SEED_PARALLEL),
                values.get(NodeKeys.SEED_RATE));
    }
}
