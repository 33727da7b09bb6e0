package io.qedstore.api;

/** @param sizeBytes that the image's disk is to have; never less than it has */
public record ResizeRequest(long sizeBytes) {}
