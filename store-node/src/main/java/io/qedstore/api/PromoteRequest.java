package io.qedstore.api;

import java.util.Optional;

/**
 * An image is to get another owner.
 *
 * @param node that is to own it
 * @param force without waiting for the owner to let go; its lease is waited for. Empty for no
 * @param dead a node that somebody has made sure does not run: as with force, and if that node has the image, its lease is not
 *     waited for
 */
public record PromoteRequest(String node, Optional<Boolean> force, Optional<String> dead) {}
