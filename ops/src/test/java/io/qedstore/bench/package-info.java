/**
 * Benchmarks of the whole against what it is built on; {@code ops/bench} runs them. Start at {@link
 * io.qedstore.bench.LogVersusKafka}.
 */
@NullMarked
package io.qedstore.bench;

import org.jspecify.annotations.NullMarked;
