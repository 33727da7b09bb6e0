package io.qedstore.route;

import io.qedstore.device.BlockDevice;
import java.util.concurrent.CompletionStage;

/** A place where an image is served now, and where this node's clients have been let in. */
public interface Target {
    /**
     * What carries requests out. It fails those that it will not carry out as a device that is being closed, and those of which it
     * is not known any more whether they have happened.
     */
    BlockDevice device();

    /** The node's id. */
    String place();

    /** For people. */
    String description();

    /** Whether it is this node's own: requests may be tried on the spot. */
    boolean isHere();

    /** Whether what it has answered is durable without a flush. */
    boolean isWritethrough();

    /**
     * Whether all that the place before has answered is here, flushed or not: it is the same owner still, or that one gave the image
     * up in order, and nobody else had it since.
     */
    boolean hasAllOf(Target before);

    /** Completes when it will not carry out anything any more. */
    CompletionStage<?> gone();

    /** Nobody needs it any more, and nothing is under way there. */
    void leave();

    /** As {@link #leave}, whatever is under way: that fails soon, and never takes effect behind what is done elsewhere since. */
    void cut();
}
