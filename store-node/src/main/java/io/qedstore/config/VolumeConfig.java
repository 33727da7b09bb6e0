package io.qedstore.config;

import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import java.time.Duration;

/**
 * How owned images are served.
 *
 * @param cache where the image does not say
 * @param lease for how long after an append reads may be answered
 * @param pendingMaxBytes of changes of one image that the log has not acknowledged yet
 */
public record VolumeConfig(CacheMode cache, AttachMode attach, Duration lease, long pendingMaxBytes) {

    static VolumeConfig of(ConfigValues values) {
        return new VolumeConfig(
                values.get(NodeKeys.VOLUME_CACHE),
                values.get(NodeKeys.VOLUME_ATTACH),
                values.get(NodeKeys.VOLUME_LEASE),
                values.get(NodeKeys.VOLUME_PENDING_MAX));
    }
}
