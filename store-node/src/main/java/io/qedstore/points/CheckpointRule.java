package io.qedstore.points;

import java.time.Duration;

/**
 * When a checkpoint is due.
 *
 * @param tailBytes so many bytes of events behind the newest one
 * @param age so long after the newest one, if anything was written since
 */
public record CheckpointRule(long tailBytes, Duration age) {
    /**
     * Whether one is.
     *
     * @param last the event that the file has
     * @param newest the newest checkpoint's event, 0 without one
     * @param tail bytes of the events between
     * @param sinceMicros since the newest was made, or the image
     */
    boolean isDue(long last, long newest, long tail, long sinceMicros) {
        return last > newest && (tail >= tailBytes || sinceMicros >= age.toNanos() / 1000);
    }
}
