package io.qedstore.route;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.Completion;

/**
 * A request that is carried out where the image is served, however often that changes until it is answered.
 *
 * @param kind what its answer is worth
 * @param end one behind the last byte of its range; 0 if it has none
 * @param action asks a device for it
 * @param client who waits for the answer
 * @param sinceNanos when it came
 */
record RoutedRequest(Kind kind, long end, Action action, Completion client, long sinceNanos) {
    enum Kind {
        /** Changes the disk, by the next flush. */
        CHANGE,
        /** Makes changes durable. */
        FLUSH,
        /** Neither. */
        OTHER
    }

    /** What is asked of a device. May be asked again of another. */
    @FunctionalInterface
    interface Action {
        void ask(BlockDevice device, Completion completion);
    }
}
