package io.qedstore.index;

import io.qedstore.event.Sequence;

/**
 * A point at which a guest had asked for all that it had written to be durable.
 *
 * @param timeMicros of the event with that sequence
 */
public record FlushPoint(Sequence sequence, long timeMicros) {}
