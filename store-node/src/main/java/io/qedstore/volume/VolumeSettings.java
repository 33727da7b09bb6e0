package io.qedstore.volume;

import io.qedstore.event.ImageSettings.CacheMode;

/**
 * How a volume goes about it.
 *
 * @param cache when a write is answered
 * @param maxPendingBytes of changes that are not in the file yet; further ones wait
 */
public record VolumeSettings(CacheMode cache, long maxPendingBytes) {
    public static final VolumeSettings DEFAULT = new VolumeSettings(CacheMode.WRITETHROUGH, 64L << 20);

    public VolumeSettings {
        if (maxPendingBytes < 1) {
            throw new IllegalArgumentException("a limit of " + maxPendingBytes + " pending bytes, expected 1 at least");
        }
    }
}
