package io.qedstore.api;

import java.util.OptionalLong;

/**
 * How an image is served.
 *
 * @param cache {@code writethrough} or {@code writeback}
 * @param attach {@code exclusive} or {@code shared}
 * @param failover {@code manual} or {@code auto}
 * @param limitIops requests in a second; empty: no limit
 * @param limitBps bytes in a second; empty: no limit
 */
public record SettingsInfo(
        String cache, String attach, String failover, OptionalLong limitIops, OptionalLong limitBps) {}
