package io.qedstore.log.kafka;

import io.qedstore.event.ImageId;
import java.util.Optional;
import java.util.UUID;

/**
 * Which log.
 *
 * @param topic what Kafka calls it
 */
public record LogName(String topic) {
    /** The log of the catalog. */
    public static final LogName CATALOG = new LogName("qedstore.catalog");

    private static final String IMAGE_PREFIX = "qedstore.log.";
    private static final int UUID_LENGTH = 36;

    public static LogName of(ImageId image) {
        return new LogName(IMAGE_PREFIX + image);
    }

    /** Whose log it is; empty for the catalog's, and for topics that are no image's log. */
    public Optional<ImageId> image() {
        if (!topic.startsWith(IMAGE_PREFIX) || topic.length() != IMAGE_PREFIX.length() + UUID_LENGTH) {
            return Optional.empty();
        }
        try {
            ImageId image = new ImageId(UUID.fromString(topic.substring(IMAGE_PREFIX.length())));
            return of(image).equals(this) ? Optional.of(image) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return topic;
    }
}
