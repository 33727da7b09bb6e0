package io.qedstore.api;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is to be different; what is empty stays as it is.
 *
 * @param limitIops 0 for no limit
 * @param limitBps 0 for no limit
 */
public record SettingsChange(
        Optional<String> cache,
        Optional<String> attach,
        Optional<String> failover,
        OptionalLong limitIops,
        OptionalLong limitBps) {}
