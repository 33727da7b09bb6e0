package io.qedstore.rebuild;

import io.qedstore.index.CatalogImage;
import java.io.IOException;
import java.time.Instant;

/** A point that an image does not have, or not any more. The message is for whoever named it. */
public final class PointException extends IOException {
    private static final long serialVersionUID = 1;

    PointException(String message) {
        super(message);
    }

    static PointException noEvent(CatalogImage image, Point point) {
        return new PointException("image " + image.name() + " has no event at " + point
                + " or before; expected a point from " + Instant.ofEpochMilli(image.createdMicros() / 1000) + " on");
    }
}
