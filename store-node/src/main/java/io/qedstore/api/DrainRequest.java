package io.qedstore.api;

/**
 * What a node is to do with new images.
 *
 * @param draining whether to take none
 */
public record DrainRequest(boolean draining) {}
