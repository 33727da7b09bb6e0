package io.qedstore.volume;

import io.qedstore.event.ImageSettings.CacheMode;
import java.time.Duration;

/**
 * How a volume goes about it.
 *
 * @param cache when a write is answered
 * @param maxPendingBytes of changes that are not in the file yet; further ones wait
 * @param logTimeout how long a request may wait for the log before it fails; zero: for ever
 */
public record VolumeSettings(CacheMode cache, long maxPendingBytes, Duration logTimeout) {
    public static final VolumeSettings DEFAULT = new VolumeSettings(CacheMode.WRITETHROUGH, 64L << 20, Duration.ZERO);

    public VolumeSettings {
        if (maxPendingBytes < 1) {
            throw new IllegalArgumentException("a limit of " + maxPendingBytes + " pending bytes, expected 1 at least");
        }
        if (logTimeout.isNegative()) {
            throw new IllegalArgumentException("a log timeout of " + logTimeout + ", expected none below 0");
        }
    }

    /** The timeout in the whole seconds that a volume counts, at least one unless it is for ever. */
    long logTimeoutSeconds() {
        return logTimeout.plusMillis(999).toSeconds();
    }
}
