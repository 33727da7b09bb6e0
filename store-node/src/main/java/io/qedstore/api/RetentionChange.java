package io.qedstore.api;

import java.util.OptionalLong;

/**
 * How much of an image's history is to be kept; what is empty stays as it is.
 *
 * @param keepSeconds 0 for no limit
 * @param keepBytes 0 for no limit
 */
public record RetentionChange(OptionalLong keepSeconds, OptionalLong keepBytes) {}
