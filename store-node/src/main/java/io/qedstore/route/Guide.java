package io.qedstore.route;

import java.util.concurrent.CompletableFuture;

/** Finds the way to where an image is served. Safe for many threads; its methods do not wait. */
public interface Guide {
    /**
     * Tries once to be let in at a node.
     *
     * @param place the node's id
     * @param client who uses the image here, for people
     * @param goesOn whether the client has used the image elsewhere until now
     * @return fails with a {@link TurnedAwayException} if it is of no use to try again soon. Whoever cancels it gets no target, and
     *     nothing is left behind
     */
    CompletableFuture<Target> seek(String place, String client, boolean goesOn);

    /** For people: the node and where it is. */
    String describe(String place);
}
