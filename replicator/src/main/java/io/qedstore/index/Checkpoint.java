package io.qedstore.index;

import io.qedstore.digest.Digest;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;

/**
 * A copy of an image's file, as it was after an event.
 *
 * @param holder the node or the store that has it
 * @param digest the sum of the content digest
 * @param storedBytes what it takes up there
 * @param madeMicros by the clock of whoever made it, but never before the last event that it contains
 */
public record Checkpoint(
        ImageId image, Sequence sequence, NodeId holder, Digest digest, long storedBytes, long madeMicros) {}
