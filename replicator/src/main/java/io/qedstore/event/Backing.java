package io.qedstore.event;

/**
 * The frozen image that a clone lies over.
 *
 * @param sequence the clone sees that image as it was after this event
 */
public record Backing(ImageId image, LineageId lineage, Sequence sequence) {
    /** Under this name it lies beside the file of the clone, on every node: the clone's header says so. */
    public String fileName() {
        return image + "-" + sequence + ".qed";
    }
}
