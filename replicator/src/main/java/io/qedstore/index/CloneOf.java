package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;

/**
 * A clone of an image, live or in the trash. It pins that image.
 *
 * @param sequence of the base that it lies over
 */
public record CloneOf(ImageId base, ImageId image, Sequence sequence) {}
