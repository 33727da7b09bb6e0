package io.qedstore.api;

import java.util.Optional;

/**
 * An image is to get another owner.
 *
 * @param node that is to own it
 * @param force without waiting for the owner to let go; empty for no
 */
public record PromoteRequest(String node, Optional<Boolean> force) {}
