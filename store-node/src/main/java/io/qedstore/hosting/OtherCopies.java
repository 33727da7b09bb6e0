package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import java.io.IOException;
import java.io.InputStream;

/** The copies that other nodes have. */
@FunctionalInterface
public interface OtherCopies {
    /**
     * A part of a node's file, as {@link io.qedstore.replica.SentCopy} makes it. Waits for the node.
     *
     * @param from where in the file to begin, at a block's boundary
     * @param maxDataBytes how much data there may be, a chunk more or less
     * @throws IOException if the node does not answer, or has no copy that it would give away
     */
    InputStream open(NodeId node, ImageId image, long from, long maxDataBytes) throws IOException;
}
