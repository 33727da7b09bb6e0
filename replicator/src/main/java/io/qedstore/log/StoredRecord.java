package io.qedstore.log;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * A record as it lies in the log.
 *
 * @param leaderEpoch of the leader that took it
 * @param bytes read-only in spirit: others may hold the same buffer
 */
public record StoredRecord(long offset, OptionalInt leaderEpoch, ByteBuffer bytes) {}
