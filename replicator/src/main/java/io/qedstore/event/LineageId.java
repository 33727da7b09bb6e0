package io.qedstore.event;

import java.util.UUID;

/** Which history of an image: a new one begins when it is created, cloned, imported or adopted. */
public record LineageId(UUID value) {
    public static LineageId of(long high, long low) {
        return new LineageId(new UUID(high, low));
    }

    /** As {@code 8-4-4-4-12} hexadecimal digits in lower case. */
    @Override
    public String toString() {
        return value.toString();
    }
}
