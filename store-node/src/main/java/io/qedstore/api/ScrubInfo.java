package io.qedstore.api;

import java.time.Instant;

/**
 * A file that was read from its beginning to its end.
 *
 * @param sequence the last event that it had then
 * @param at when that was
 * @param restoredBlocks how many blocks of 4 KiB had to be restored
 * @param restoredBlocksEver of all times
 */
public record ScrubInfo(long sequence, Instant at, long restoredBlocks, long restoredBlocksEver) {}
