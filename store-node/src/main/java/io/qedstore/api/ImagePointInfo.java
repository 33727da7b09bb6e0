package io.qedstore.api;

/**
 * A point of an image.
 *
 * @param image its id
 * @param sequence of the last event before it
 * @param timeMicros when that event was written, since 1970
 */
public record ImagePointInfo(String image, long sequence, long timeMicros) {}
