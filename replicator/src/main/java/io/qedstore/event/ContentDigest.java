package io.qedstore.event;

import io.qedstore.digest.Digest;

/**
 * What a file contained after an event.
 *
 * @param sequence of that event
 * @param fileLengthBytes the file's length
 * @param sum over its blocks
 */
public record ContentDigest(Sequence sequence, long fileLengthBytes, Digest sum) {
    public ContentDigest {
        if (fileLengthBytes < 0) {
            throw new IllegalArgumentException("a file of " + fileLengthBytes + " bytes");
        }
    }
}
