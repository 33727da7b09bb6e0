package io.qedstore.event;

import java.util.UUID;

/** Which image: the same for ever, whatever its name is. */
public record ImageId(UUID value) {
    public static ImageId of(long high, long low) {
        return new ImageId(new UUID(high, low));
    }

    /** As {@code 8-4-4-4-12} hexadecimal digits in lower case. */
    @Override
    public String toString() {
        return value.toString();
    }
}
