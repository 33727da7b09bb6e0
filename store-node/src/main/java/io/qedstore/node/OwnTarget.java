package io.qedstore.node;

import io.qedstore.device.BlockDevice;
import io.qedstore.event.NodeId;
import io.qedstore.nbd.Attachment;
import io.qedstore.node.OwnedExports.Owned;
import java.util.concurrent.CompletionStage;

/**
 * An image that this node owns.
 *
 * @param attachment of this node's clients, beside those of other nodes
 */
record OwnTarget(NodeId self, Owned owned, Attachment attachment) implements OwnersTarget {
    @Override
    public BlockDevice device() {
        return owned.device();
    }

    @Override
    public String place() {
        return self.value();
    }

    @Override
    public String description() {
        return "this node, " + self;
    }

    @Override
    public boolean isHere() {
        return true;
    }

    @Override
    public OwnerDescription owner() {
        return owned.description();
    }

    @Override
    public CompletionStage<?> gone() {
        return owned.gone();
    }

    @Override
    public void leave() {
        attachment.release();
    }

    /** The log says it to the volume: what it has under way when another owns the image fails, and never counts. */
    @Override
    public void cut() {
        attachment.release();
    }
}
