package io.qedstore.api;

import java.util.Optional;

/**
 * What guests see of an image is being made what it was at an earlier point. Nobody can use the image meanwhile.
 *
 * @param sequence of that point
 * @param fromSequence where the image was: the way back
 * @param doneBytes of the disk; 0 on a node that does not own the image
 * @param waitsFor why it does not go on
 */
public record RewindInfo(long sequence, long fromSequence, long doneBytes, Optional<String> waitsFor) {}
