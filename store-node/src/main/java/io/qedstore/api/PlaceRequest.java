package io.qedstore.api;

/**
 * Where a copy is to be.
 *
 * @param node the id of one that has announced itself and keeps replicas
 */
public record PlaceRequest(String node) {}
