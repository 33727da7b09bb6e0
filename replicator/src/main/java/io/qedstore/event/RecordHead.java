package io.qedstore.event;

/**
 * What every record says first.
 *
 * @param epoch the ownership that wrote the record; of a claim, the one that it opens
 */
public record RecordHead(ImageId image, LineageId lineage, Epoch epoch) {}
