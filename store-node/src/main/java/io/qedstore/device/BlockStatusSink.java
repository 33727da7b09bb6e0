package io.qedstore.device;

/** Takes the kinds of neighbouring stretches of a disk, in order. */
@FunctionalInterface
public interface BlockStatusSink {
    /**
     * @param lengthBytes at least 1; the next stretch may be of the same kind
     * @param allocation what the stretch holds
     * @param depth which layer says so: 0 none, 1 the image itself, 2 its backing file, and so on
     * @return whether to go on
     */
    boolean extent(long lengthBytes, Allocation allocation, int depth);
}
