package io.qedstore.checkpoint;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.ImageId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;

/**
 * What is known of a checkpoint beside its bytes.
 *
 * @param state of the fold behind the event at which the file is; from there a fold goes on
 * @param content of the file
 * @param storedBytes what it takes up where it lies
 * @param madeMicros when it was made, by the clock of whoever made it
 */
public record CheckpointDescription(FoldState state, ContentDigest content, long storedBytes, long madeMicros) {
    public CheckpointDescription {
        if (!state.sequence().equals(content.sequence()) || state.sequence().equals(Sequence.NONE)) {
            throw new IllegalArgumentException("a checkpoint at event " + state.sequence()
                    + " with the content behind event " + content.sequence() + ", expected the same, and 1 or more");
        }
        if (storedBytes < 0 || madeMicros < 0) {
            throw new IllegalArgumentException("a checkpoint of " + storedBytes + " bytes, made at " + madeMicros);
        }
    }

    public ImageId image() {
        return state.image();
    }

    public Sequence sequence() {
        return state.sequence();
    }

    /** Of the content. */
    public DigestAlgorithm algorithm() {
        return state.algorithm().orElseThrow();
    }

    public CheckpointDescription withStoredBytes(long bytes) {
        return new CheckpointDescription(state, content, bytes, madeMicros);
    }

    @Override
    public String toString() {
        return "the checkpoint of image " + image() + " at event " + sequence();
    }
}
