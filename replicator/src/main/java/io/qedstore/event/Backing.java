package io.qedstore.event;

/**
 * The frozen image that a clone lies over.
 *
 * @param sequence the clone sees that image as it was after this event
 */
public record Backing(ImageId image, LineageId lineage, Sequence sequence) {}
