package io.qedstore.api;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much of an image's history is kept. With both limits, what either wants; with none, all.
 *
 * @param keepSeconds points that are no older; empty for no limit
 * @param keepBytes so much of the end of the log; empty for no limit
 * @param floor the event at which history begins; 0 for its beginning
 * @param held why what is over the limits is kept all the same; empty if it is not
 */
public record RetentionInfo(
        String image, OptionalLong keepSeconds, OptionalLong keepBytes, long floor, Optional<String> held) {}
